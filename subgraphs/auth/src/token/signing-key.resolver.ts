import { actorOf } from '@orion/platform/audit';
import { Auth, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Field, InputType, Mutation, ObjectType, Resolver } from 'type-graphql';
import { UserError } from '../user-error.js';
import type { SigningKeyService } from './signing-key.service.js';

@InputType({ description: 'How to change the keys that sign access tokens.' })
export class RotateSigningKeysInput {
  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'When a key is known to others: what the older keys signed is worthless at once, everybody has to refresh their ' +
      'tokens. Otherwise they are published until their last token is over.',
  })
  readonly revokeOld!: boolean;
}

@ObjectType({ description: 'The answer to a rotation.' })
export class RotateSigningKeysPayload {
  @Field(() => String, { nullable: true, description: '`kid` of the key that signs from now on.' })
  readonly keyId!: string | null;

  @Field(() => [UserError], { description: 'Always empty today.' })
  readonly userErrors!: UserError[];
}

@Resolver()
export class SigningKeyResolver {
  constructor(private readonly keys: SigningKeyService) {}

  @Auth('signing-key:rotate:any', { stepUp: true })
  @Mutation(() => RotateSigningKeysPayload, { description: 'Let another key sign access tokens before it is time.' })
  async rotateSigningKeys(
    @Arg('input', () => RotateSigningKeysInput, { defaultValue: { revokeOld: false }, description: 'How.' })
    input: RotateSigningKeysInput,
    @Ctx() context: SubgraphContext,
  ): Promise<RotateSigningKeysPayload> {
    const keyId = await this.keys.rotate(viewerOf(context), { ...actorOf(context), revokeOld: input.revokeOld });
    return { keyId, userErrors: [] };
  }
}

import { Public } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { payloadOf } from '../sign-in/payload-of.js';
import { LoginPayload } from '../sign-in/sign-in.types.js';
import { userError } from '../user-error.js';
import type { CompleteMfaService } from './complete-mfa.service.js';
import { CompleteMfaInput } from './mfa-challenge.types.js';

@Resolver()
export class MfaChallengeResolver {
  constructor(private readonly service: CompleteMfaService) {}

  @Public()
  @Mutation(() => LoginPayload, {
    description:
      'Give the second factor that a sign-in asked for. Five wrong codes end the challenge; ten of them, over all ' +
      'challenges, and no code is taken for 15 minutes.',
  })
  async completeMfa(
    @Arg('input', () => CompleteMfaInput, { description: 'Challenge and code.' }) input: CompleteMfaInput,
    @Ctx() context: SubgraphContext,
  ): Promise<LoginPayload> {
    const outcome = await this.service.complete(input, { ip: context.clientIp, userAgent: context.userAgent });
    if (outcome.kind !== 'not-met') return payloadOf(outcome);
    const path = outcome.code === 'INVALID_CHALLENGE' ? 'challenge' : 'code';
    return { tokens: null, challenge: null, userErrors: [userError(outcome.code, ['input', path])] };
  }
}

import { rateLimited } from '@orion/platform/errors';
import { Auth, Interactive, Public } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { User } from '../account/user.stub.js';
import { payloadOf } from '../sign-in/payload-of.js';
import { LoginPayload } from '../sign-in/sign-in.types.js';
import { callerOf } from '../step-up/caller.js';
import { userError } from '../user-error.js';
import type { OwnPasskeysService, PasskeyFault } from './own-passkeys.service.js';
import { Passkey } from './passkey.entity.js';
import type { PasskeyService } from './passkey.service.js';
import {
  FinishPasskeyLoginInput,
  FinishPasskeyRegistrationInput,
  PasskeyOptionsPayload,
  PasskeyPayload,
  RemovePasskeyInput,
  RenamePasskeyInput,
} from './passkey.types.js';

const RETRY_AFTER_SECONDS = 60;

@Resolver(() => User)
export class PasskeyResolver {
  constructor(
    private readonly service: PasskeyService,
    private readonly own: OwnPasskeysService,
  ) {}

  @Auth('passkey:read:own')
  @FieldResolver(() => [Passkey], { nullable: true, description: 'Passkeys of theirs, oldest first.' })
  passkeys(@Root() user: User, @Ctx() context: SubgraphContext): Promise<Passkey[]> {
    return context.loaders.load(this.own.ofUsers, user.id);
  }

  @Interactive({ stepUp: true })
  @Mutation(() => PasskeyOptionsPayload, {
    description: 'Begin to add a passkey: options for navigator.credentials.create().',
  })
  async startPasskeyRegistration(@Ctx() context: SubgraphContext): Promise<PasskeyOptionsPayload> {
    const options = await this.own.start(callerOf(context));
    return typeof options === 'string'
      ? { options: null, userErrors: [userError(options)] }
      : { options: { ...options }, userErrors: [] };
  }

  @Interactive({ stepUp: true })
  @Mutation(() => PasskeyPayload, {
    description: 'Add the passkey that the authenticator made. It must have checked that it is you.',
  })
  async finishPasskeyRegistration(
    @Arg('input', () => FinishPasskeyRegistrationInput, { description: 'What the authenticator answered.' })
    { response, name = null }: FinishPasskeyRegistrationInput,
    @Ctx() context: SubgraphContext,
  ): Promise<PasskeyPayload> {
    return passkeyPayload(await this.own.finish(callerOf(context), { response, name }));
  }

  @Public()
  @Mutation(() => PasskeyOptionsPayload, {
    description: 'Begin to sign in with a passkey: options for navigator.credentials.get(). No name is needed.',
  })
  async startPasskeyLogin(@Ctx() context: SubgraphContext): Promise<PasskeyOptionsPayload> {
    const options = await this.service.startLogin({ ip: context.clientIp, userAgent: context.userAgent });
    if (options === null) throw rateLimited(RETRY_AFTER_SECONDS);
    return { options: { ...options }, userErrors: [] };
  }

  @Public()
  @Mutation(() => LoginPayload, {
    description: 'Sign in with what the passkey answered. It counts as two factors: no code is asked for.',
  })
  async finishPasskeyLogin(
    @Arg('input', () => FinishPasskeyLoginInput, { description: 'What the authenticator answered.' })
    { response, deviceToken = null }: FinishPasskeyLoginInput,
    @Ctx() context: SubgraphContext,
  ): Promise<LoginPayload> {
    const origin = { ip: context.clientIp, userAgent: context.userAgent };
    const outcome = await this.service.finishLogin({ response, deviceToken }, origin);
    return outcome === null
      ? { tokens: null, challenge: null, userErrors: [userError('PASSKEY_REFUSED', ['input', 'response'])] }
      : payloadOf(outcome);
  }

  @Interactive()
  @Mutation(() => PasskeyOptionsPayload, {
    description:
      'Begin to prove with a passkey who you are, for reauthenticate: options for navigator.credentials.get().',
  })
  async startPasskeyReauthentication(@Ctx() context: SubgraphContext): Promise<PasskeyOptionsPayload> {
    return { options: { ...(await this.service.startReauthentication(callerOf(context))) }, userErrors: [] };
  }

  @Interactive()
  @Mutation(() => PasskeyPayload, { description: 'Call one of your passkeys something else.' })
  async renamePasskey(
    @Arg('input', () => RenamePasskeyInput, { description: 'Passkey and name.' }) input: RenamePasskeyInput,
    @Ctx() context: SubgraphContext,
  ): Promise<PasskeyPayload> {
    return passkeyPayload(await this.own.rename(callerOf(context), input));
  }

  @Interactive({ stepUp: true })
  @Mutation(() => PasskeyPayload, {
    description: 'Remove one of your passkeys, unless it is the last thing you can sign in with.',
  })
  async removePasskey(
    @Arg('input', () => RemovePasskeyInput, { description: 'Which one.' }) input: RemovePasskeyInput,
    @Ctx() context: SubgraphContext,
  ): Promise<PasskeyPayload> {
    return passkeyPayload(await this.own.remove(callerOf(context), input.id));
  }
}

const PATHS: Readonly<Partial<Record<PasskeyFault, string>>> = {
  PASSKEY_REFUSED: 'response',
  PASSKEY_NOT_FOUND: 'id',
  PASSKEY_NAME_INVALID: 'name',
};

function passkeyPayload(outcome: Passkey | PasskeyFault): PasskeyPayload {
  if (typeof outcome !== 'string') return { passkey: outcome, userErrors: [] };
  const field = PATHS[outcome];
  return { passkey: null, userErrors: [userError(outcome, field === undefined ? [] : ['input', field])] };
}

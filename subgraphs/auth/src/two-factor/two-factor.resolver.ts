import { Auth, Interactive } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { User } from '../account/user.stub.js';
import { callerOf } from '../step-up/caller.js';
import type { Outcome, TwoFactorService } from './two-factor.service.js';
import {
  BackupCodesPayload,
  ConfirmTotpEnrollmentInput,
  DisableTwoFactorInput,
  DisableTwoFactorPayload,
  RegenerateBackupCodesInput,
  StartTotpEnrollmentPayload,
  TwoFactorStatus,
} from './two-factor.types.js';

@Resolver(() => User)
export class TwoFactorResolver {
  constructor(private readonly service: TwoFactorService) {}

  @Auth('mfa:read:own')
  @FieldResolver(() => TwoFactorStatus, { nullable: true, description: 'Whether a second factor is asked for.' })
  twoFactor(@Root() user: User, @Ctx() context: SubgraphContext): Promise<TwoFactorStatus> {
    return context.loaders.load(this.service.statusOfUsers, user.id);
  }

  @Interactive({ stepUp: true })
  @Mutation(() => StartTotpEnrollmentPayload, {
    description:
      'Get a secret for an authenticator app. No code is asked for until confirmTotpEnrollment; an app that is set up ' +
      'already goes on until then. The secret waits for 15 minutes.',
  })
  async startTotpEnrollment(@Ctx() context: SubgraphContext): Promise<StartTotpEnrollmentPayload> {
    const outcome = await this.service.start(callerOf(context));
    return outcome.kind === 'done'
      ? { ...outcome.value, userErrors: [] }
      : { secret: null, otpauthUri: null, qrSvg: null, userErrors: [outcome.error] };
  }

  @Interactive({ stepUp: true })
  @Mutation(() => BackupCodesPayload, {
    description:
      'Ask for a second factor at every sign-in from now on. The code works for this once; devices that were trusted ' +
      'have to give one too.',
  })
  async confirmTotpEnrollment(
    @Arg('input', () => ConfirmTotpEnrollmentInput, { description: 'The first code.' })
    input: ConfirmTotpEnrollmentInput,
    @Ctx() context: SubgraphContext,
  ): Promise<BackupCodesPayload> {
    return codesOf(await this.service.confirm(callerOf(context), input.code));
  }

  @Interactive({ stepUp: true })
  @Mutation(() => BackupCodesPayload, { description: 'Get new backup codes; the old ones stop working.' })
  async regenerateBackupCodes(
    @Arg('input', () => RegenerateBackupCodesInput, { description: 'Password and code.' })
    input: RegenerateBackupCodesInput,
    @Ctx() context: SubgraphContext,
  ): Promise<BackupCodesPayload> {
    return codesOf(await this.service.regenerate(callerOf(context), input));
  }

  @Interactive({ stepUp: true })
  @Mutation(() => DisableTwoFactorPayload, { description: 'Ask for no second factor any more.' })
  async disableTwoFactor(
    @Arg('input', () => DisableTwoFactorInput, { description: 'Password and code.' }) input: DisableTwoFactorInput,
    @Ctx() context: SubgraphContext,
  ): Promise<DisableTwoFactorPayload> {
    const outcome = await this.service.disable(callerOf(context), input);
    return { disabled: outcome.kind === 'done', userErrors: outcome.kind === 'done' ? [] : [outcome.error] };
  }
}

function codesOf(outcome: Outcome<string[]>): BackupCodesPayload {
  return outcome.kind === 'done'
    ? { backupCodes: outcome.value, userErrors: [] }
    : { backupCodes: null, userErrors: [outcome.error] };
}

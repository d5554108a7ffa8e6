import { Interactive } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { callerOf } from './caller.js';
import type { StepUpService } from './step-up.service.js';
import { ReauthenticateInput, ReauthenticatePayload } from './step-up.types.js';

@Resolver()
export class StepUpResolver {
  constructor(private readonly service: StepUpService) {}

  @Interactive()
  @Mutation(() => ReauthenticatePayload, {
    description:
      'Prove who you are once more in the session you have: for what answers STEP_UP_REQUIRED. Wrong passwords and ' +
      'codes are counted as at sign-in. Without a password, a passkey and a second factor, sign in again instead.',
  })
  async reauthenticate(
    @Arg('input', () => ReauthenticateInput, { description: 'The proof.' }) input: ReauthenticateInput,
    @Ctx() context: SubgraphContext,
  ): Promise<ReauthenticatePayload> {
    const outcome = await this.service.reauthenticate(callerOf(context), input);
    return outcome.kind === 'proved'
      ? { accessToken: outcome.token, expiresAt: outcome.expiresAt, userErrors: [] }
      : { accessToken: null, expiresAt: null, userErrors: [outcome.error] };
  }
}

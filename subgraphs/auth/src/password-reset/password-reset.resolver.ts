import { Public } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { PasswordResetService } from './password-reset.service.js';
import {
  RequestPasswordResetInput,
  RequestPasswordResetPayload,
  ResetPasswordInput,
  ResetPasswordPayload,
} from './password-reset.types.js';

@Resolver()
export class PasswordResetResolver {
  constructor(private readonly resets: PasswordResetService) {}

  @Public()
  @Mutation(() => RequestPasswordResetPayload, {
    description:
      'Mail a link to set the password anew, which works for 30 minutes; older links stop working. At most three such ' +
      'mails an hour are sent to one address.',
  })
  async requestPasswordReset(
    @Arg('input', () => RequestPasswordResetInput, { description: 'Which address.' }) input: RequestPasswordResetInput,
    @Ctx() context: SubgraphContext,
  ): Promise<RequestPasswordResetPayload> {
    await this.resets.request(input.email, { ip: context.clientIp, userAgent: context.userAgent });
    return { accepted: true, userErrors: [] };
  }

  @Public()
  @Mutation(() => ResetPasswordPayload, {
    description:
      'Set your password anew with the token from the mail. All sessions end, no device is trusted any more, and a ' +
      'second factor is still asked for at the next sign-in.',
  })
  async resetPassword(
    @Arg('input', () => ResetPasswordInput, { description: 'The token and the new password.' })
    input: ResetPasswordInput,
    @Ctx() context: SubgraphContext,
  ): Promise<ResetPasswordPayload> {
    const userErrors = await this.resets.reset(input, { ip: context.clientIp, userAgent: context.userAgent });
    return { reset: userErrors.length === 0, userErrors };
  }
}

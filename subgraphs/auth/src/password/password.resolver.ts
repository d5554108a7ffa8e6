import { Interactive, Public, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { COMMON_PASSWORDS } from './common-passwords.js';
import type { PasswordPolicy } from './password-policy.js';
import type { PasswordService } from './password.service.js';
import { ChangePasswordInput, ChangePasswordPayload, PasswordRules } from './password.types.js';

@Resolver()
export class PasswordResolver {
  constructor(
    private readonly passwords: PasswordService,
    private readonly policy: PasswordPolicy,
  ) {}

  @Public()
  @Query(() => PasswordRules, { description: 'Which passwords are accepted.' })
  passwordPolicy(): PasswordRules {
    const { minLength, maxLength, maxBytes } = this.policy;
    return { minLength, maxLength, maxBytes, knownFromLeaks: COMMON_PASSWORDS };
  }

  @Interactive({ stepUp: true })
  @Mutation(() => ChangePasswordPayload, {
    description:
      'Change your password. All your other sessions end, no device is trusted any more, and links and codes that were ' +
      'mailed before stop working.',
  })
  async changePassword(
    @Arg('input', () => ChangePasswordInput, { description: 'The old and the new one.' }) input: ChangePasswordInput,
    @Ctx() context: SubgraphContext,
  ): Promise<ChangePasswordPayload> {
    const origin = { ip: context.clientIp, userAgent: context.userAgent };
    const userErrors = await this.passwords.change(viewerOf(context), input, origin);
    return { changed: userErrors.length === 0, userErrors };
  }
}

import { Public } from '@orion/platform/subgraph';
import { Arg, Mutation, Resolver } from 'type-graphql';
import { userError } from '../user-error.js';
import type { RegistrationService } from './registration.service.js';
import {
  RegisterInput,
  RegisterPayload,
  ResendVerificationInput,
  ResendVerificationPayload,
  VerifyEmailInput,
  VerifyEmailPayload,
} from './registration.types.js';

@Resolver()
export class RegistrationResolver {
  constructor(private readonly registration: RegistrationService) {}

  @Public()
  @Mutation(() => RegisterPayload, {
    description:
      'Open an account. A link to verify the address is mailed to it. Until it is used you may register again: the ' +
      'latest password and the latest link count. At most three such mails an hour are sent to one address.',
  })
  async register(
    @Arg('input', () => RegisterInput, { description: 'Who wants the account.' }) input: RegisterInput,
  ): Promise<RegisterPayload> {
    const userErrors = await this.registration.register(input);
    return { accepted: userErrors.length === 0, userErrors };
  }

  @Public()
  @Mutation(() => ResendVerificationPayload, {
    description:
      'Mail a new link to verify an address; older links stop working. At most three such mails an hour are sent to one address.',
  })
  async resendVerification(
    @Arg('input', () => ResendVerificationInput, { description: 'Which address.' }) input: ResendVerificationInput,
  ): Promise<ResendVerificationPayload> {
    await this.registration.resendVerification(input.email);
    return { accepted: true, userErrors: [] };
  }

  @Public()
  @Mutation(() => VerifyEmailPayload, { description: 'Prove that the address is yours with the token from the mail.' })
  async verifyEmail(
    @Arg('input', () => VerifyEmailInput, { description: 'The token.' }) input: VerifyEmailInput,
  ): Promise<VerifyEmailPayload> {
    const verified = await this.registration.verifyEmail(input.token);
    return { verified, userErrors: verified ? [] : [userError('INVALID_TOKEN', ['input', 'token'])] };
  }
}

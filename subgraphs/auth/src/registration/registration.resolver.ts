import { Public } from '@orion/platform/subgraph';
import { Arg, Mutation, Resolver } from 'type-graphql';
import { userError } from '../user-error.js';
import type { RegistrationService } from './registration.service.js';
import { RegisterInput, RegisterPayload, VerifyEmailInput, VerifyEmailPayload } from './registration.types.js';

@Resolver()
export class RegistrationResolver {
  constructor(private readonly registration: RegistrationService) {}

  @Public()
  @Mutation(() => RegisterPayload, { description: 'Open an account. A link to verify the address is mailed to it.' })
  async register(
    @Arg('input', () => RegisterInput, { description: 'Who wants the account.' }) input: RegisterInput,
  ): Promise<RegisterPayload> {
    const userErrors = await this.registration.register(input);
    return { accepted: userErrors.length === 0, userErrors };
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

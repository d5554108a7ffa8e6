import { Public } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { payloadOf } from '../sign-in/payload-of.js';
import { LoginPayload } from '../sign-in/sign-in.types.js';
import { userError } from '../user-error.js';
import { isLoginCodeShaped } from './login-code.service.js';
import type { LoginCodeService } from './login-code.service.js';
import { LoginWithCodeInput, RequestLoginCodeInput, RequestLoginCodePayload } from './login-code.types.js';

const PATH = ['input', 'code'];

@Resolver()
export class LoginCodeResolver {
  constructor(private readonly service: LoginCodeService) {}

  @Public()
  @Mutation(() => RequestLoginCodePayload, {
    description:
      'Mail a code to sign in with in place of a password. It works once, within ten minutes and five attempts; only ' +
      'the latest does. At most three such mails an hour are sent to one address.',
  })
  async requestLoginCode(
    @Arg('input', () => RequestLoginCodeInput, { description: 'Which address.' }) input: RequestLoginCodeInput,
  ): Promise<RequestLoginCodePayload> {
    await this.service.request(input.email);
    return { accepted: true, userErrors: [] };
  }

  @Public()
  @Mutation(() => LoginPayload, {
    description:
      'Sign in with a code from a mail. It proves the address too: an account that waited for that is verified, and ' +
      'without the password that it was registered with. A second factor is asked for as ever.',
  })
  async loginWithCode(
    @Arg('input', () => LoginWithCodeInput, { description: 'Address and code.' }) input: LoginWithCodeInput,
    @Ctx() context: SubgraphContext,
  ): Promise<LoginPayload> {
    const refused = { tokens: null, challenge: null };
    if (!isLoginCodeShaped(input.code))
      return {
        ...refused,
        userErrors: [userError('CODE_MALFORMED', PATH, 'A code from a mail is eight digits 0 to 9.')],
      };
    const outcome = await this.service.login(input, { ip: context.clientIp, userAgent: context.userAgent });
    return outcome === null ? { ...refused, userErrors: [userError('INVALID_CODE', PATH)] } : payloadOf(outcome);
  }
}

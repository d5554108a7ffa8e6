import { Public } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { userError } from '../user-error.js';
import type { LoginService } from './login.service.js';
import { LoginInput, LoginPayload } from './login.types.js';

@Resolver()
export class LoginResolver {
  constructor(private readonly logins: LoginService) {}

  @Public()
  @Mutation(() => LoginPayload, { description: 'Sign in. After five wrong passwords an address rests for 15 minutes.' })
  async login(
    @Arg('input', () => LoginInput, { description: 'Address and password.' }) input: LoginInput,
    @Ctx() context: SubgraphContext,
  ): Promise<LoginPayload> {
    const outcome = await this.logins.login(input, { ip: context.clientIp, userAgent: context.userAgent });
    return outcome.kind === 'signed-in'
      ? { tokens: outcome.tokens, userErrors: [] }
      : { tokens: null, userErrors: [userError(outcome.code)] };
  }
}

import { Public } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { payloadOf } from '../sign-in/payload-of.js';
import { LoginPayload } from '../sign-in/sign-in.types.js';
import type { LoginService } from './login.service.js';
import { LoginInput } from './login.types.js';

@Resolver()
export class LoginResolver {
  constructor(private readonly logins: LoginService) {}

  @Public()
  @Mutation(() => LoginPayload, {
    description:
      'Sign in. After five wrong passwords an address rests for 15 minutes, but on devices that its owner signed in on before.',
  })
  async login(
    @Arg('input', () => LoginInput, { description: 'Address and password.' }) input: LoginInput,
    @Ctx() context: SubgraphContext,
  ): Promise<LoginPayload> {
    return payloadOf(await this.logins.login(input, { ip: context.clientIp, userAgent: context.userAgent }));
  }
}

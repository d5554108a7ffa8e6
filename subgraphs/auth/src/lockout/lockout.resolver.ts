import { Public } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { userError } from '../user-error.js';
import type { LockoutService } from './lockout.service.js';
import { UnlockAccountInput, UnlockAccountPayload } from './lockout.types.js';

@Resolver()
export class LockoutResolver {
  constructor(private readonly lockouts: LockoutService) {}

  @Public()
  @Mutation(() => UnlockAccountPayload, {
    description:
      'Have passwords tried again before the rest after too many wrong ones is over, with the token from the mail.',
  })
  async unlockAccount(
    @Arg('input', () => UnlockAccountInput, { description: 'The token.' }) input: UnlockAccountInput,
    @Ctx() context: SubgraphContext,
  ): Promise<UnlockAccountPayload> {
    const unlocked = await this.lockouts.unlock(input.token, { ip: context.clientIp, userAgent: context.userAgent });
    return { unlocked, userErrors: unlocked ? [] : [userError('INVALID_TOKEN', ['input', 'token'])] };
  }
}

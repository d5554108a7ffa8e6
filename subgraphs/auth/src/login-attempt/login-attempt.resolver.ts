import { pageRequest } from '@orion/platform/pagination';
import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { User } from '../account/user.stub.js';
import { LoginAttempt, LoginAttemptConnection } from './login-attempt.entity.js';
import type { LoginAttemptService } from './login-attempt.service.js';
import { LoginAttemptListArgs } from './login-attempt.types.js';

@Resolver(() => LoginAttempt)
export class LoginAttemptResolver {
  constructor(private readonly attempts: LoginAttemptService) {}

  @Auth('login-attempt:read:any')
  @Query(() => LoginAttemptConnection, {
    nullable: true,
    description: 'Attempts to sign in, newest first, with why they were refused.',
  })
  loginAttempts(
    @Args(() => LoginAttemptListArgs) args: LoginAttemptListArgs,
    @Ctx() context: SubgraphContext,
  ): Promise<LoginAttemptConnection> {
    const { filter = null } = args;
    return this.attempts.page(filter, pageRequest(args, { list: 'Query.loginAttempts', filter }, context));
  }

  @FieldResolver(() => User, {
    nullable: true,
    description: 'Whose account it was about; null when no account has the address that was named.',
  })
  user(@Root() { userId }: LoginAttempt): User | null {
    return userId === null ? null : { id: userId };
  }
}

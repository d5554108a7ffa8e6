import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { GraphQLDateTime } from 'graphql-scalars';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Account } from './account.entity.js';
import type { AccountService } from './account.service.js';
import { User } from './user.stub.js';

@Resolver(() => User)
export class AccountResolver {
  constructor(private readonly accounts: AccountService) {}

  @Auth('user:read-pii:own')
  @FieldResolver(() => Boolean, { nullable: true, description: 'Whether the e-mail address was proved to be theirs.' })
  async emailVerified(@Root() user: User, @Ctx() context: SubgraphContext): Promise<boolean | null> {
    const account = await this.load(user, context);
    return account === null ? null : account.emailVerifiedAt !== null;
  }

  @Auth('user:read-pii:own')
  @FieldResolver(() => GraphQLDateTime, { nullable: true, description: 'When they last signed in; null when never.' })
  async lastLoginAt(@Root() user: User, @Ctx() context: SubgraphContext): Promise<Date | null> {
    return (await this.load(user, context))?.lastLoginAt ?? null;
  }

  private load(user: User, context: SubgraphContext): Promise<Account | null> {
    return context.loaders.load(this.accounts.byId, user.id);
  }
}

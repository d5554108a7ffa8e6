import { PageArgs, pageRequest } from '@orion/platform/pagination';
import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { User } from '../account/user.stub.js';
import { SessionConnection } from './session.entity.js';
import type { SessionService } from './session.service.js';

@Resolver(() => User)
export class UserSessionsResolver {
  constructor(private readonly service: SessionService) {}

  @Auth('session:read:own')
  @FieldResolver(() => SessionConnection, { nullable: true, description: 'Sessions that are alive, newest first.' })
  sessions(
    @Root() user: User,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: SubgraphContext,
  ): Promise<SessionConnection> {
    return context.loaders.load(this.service.pagesOfUsers, {
      ownerId: user.id,
      ...pageRequest(args, { list: 'User.sessions', ownerId: user.id }, context),
    });
  }
}

import { PageArgs, pageRequest } from '@orion/platform/pagination';
import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { User } from '../profile/user.entity.js';
import { ActivityConnection } from './activity.entity.js';
import type { ActivityService } from './activity.service.js';

@Resolver(() => User)
export class UserActivityResolver {
  constructor(private readonly service: ActivityService) {}

  @Auth('activity:read:own')
  @FieldResolver(() => ActivityConnection, {
    nullable: true,
    description: 'What they did here and what befell their account, newest first.',
  })
  activity(
    @Root() user: User,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: SubgraphContext,
  ): Promise<ActivityConnection> {
    return context.loaders.load(this.service.pagesOfUsers, {
      ownerId: user.id,
      ...pageRequest(args, { list: 'User.activity', ownerId: user.id }, context),
    });
  }
}

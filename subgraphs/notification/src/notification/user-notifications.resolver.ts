import { badUserInput } from '@orion/platform/errors';
import { pageRequest } from '@orion/platform/pagination';
import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { InboxService } from '../inbox/inbox.service.js';
import { NotificationCounts } from '../inbox/inbox.types.js';
import { User } from '../recipient/user.stub.js';
import { NotificationConnection } from './notification.entity.js';
import type { NotificationService } from './notification.service.js';
import { NotificationListArgs } from './notification.types.js';

const MOST_TYPES = 20;

@Resolver(() => User)
export class UserNotificationsResolver {
  constructor(
    private readonly service: NotificationService,
    private readonly inboxes: InboxService,
  ) {}

  @Auth('notification:read:own')
  @FieldResolver(() => NotificationConnection, { nullable: true, description: 'The inbox, newest first.' })
  notifications(
    @Root() user: User,
    @Args(() => NotificationListArgs) args: NotificationListArgs,
    @Ctx() context: SubgraphContext,
  ): Promise<NotificationConnection> {
    const { unreadOnly = false, archived = false, types = null } = args.filter ?? {};
    if (types !== null && types.length > MOST_TYPES)
      throw badUserInput(`filter.types takes at most ${MOST_TYPES} types.`);
    return context.loaders.load(this.service.pagesOfUsers, {
      ownerId: user.id,
      ...pageRequest(args, { list: 'User.notifications', ownerId: user.id, filter: args.filter }, context),
      unreadOnly,
      archived,
      types,
    });
  }

  @Auth('notification:read:own')
  @FieldResolver(() => NotificationCounts, { nullable: true, description: 'How many notifications are in the inbox.' })
  notificationCounts(@Root() user: User, @Ctx() context: SubgraphContext): Promise<NotificationCounts> {
    return context.loaders.load(this.inboxes.countsOfUsers, user.id);
  }
}

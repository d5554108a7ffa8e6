import { Auth, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Int, Resolver, Root, Subscription } from 'type-graphql';
import type { EntityManager } from 'typeorm';
import { NotificationCounts } from '../inbox/inbox.types.js';
import type { LiveInbox } from './live-inbox.js';
import { NotificationReceived } from './live.types.js';
import { resumeReceived } from './resume.js';

@Resolver()
export class LiveResolver {
  constructor(
    private readonly inbox: LiveInbox,
    private readonly manager: EntityManager,
  ) {}

  @Auth('notification:read:own')
  @Subscription(() => NotificationReceived, {
    description: 'Each notification that comes into your inbox, as it comes in.',
    subscribe: ({ context, args }: { context: SubgraphContext; args: { afterRev?: number | null } }) =>
      context.resolver(LiveResolver).received(context, args.afterRev ?? null),
  })
  notificationReceived(
    @Root() received: NotificationReceived,
    @Arg('afterRev', () => Int, {
      nullable: true,
      description:
        'State of the inbox that you know: what came in after it is told first. Default: only what comes in from now on.',
    })
    _afterRev?: number | null,
  ): NotificationReceived {
    return received;
  }

  @Auth('notification:read:own')
  @Subscription(() => NotificationCounts, {
    description:
      'The counts of your inbox after each change, be it a new notification, a mark or an archiving. Of changes at nearly the same time only the last may be told.',
    subscribe: ({ context }: { context: SubgraphContext }) => context.resolver(LiveResolver).counts(context),
  })
  notificationCountsChanged(@Root() counts: NotificationCounts): NotificationCounts {
    return counts;
  }

  async received(context: SubgraphContext, afterRev: number | null): Promise<AsyncIterable<NotificationReceived>> {
    const { userId } = viewerOf(context);
    const live = this.inbox.received(userId);
    return afterRev === null ? live : resumeReceived(live, { userId, afterRev, manager: this.manager });
  }

  counts(context: SubgraphContext): AsyncIterable<NotificationCounts> {
    return this.inbox.counts(viewerOf(context).userId);
  }
}

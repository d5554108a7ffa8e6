import { holds } from '@orion/platform/identity';
import { PageArgs, pageRequest } from '@orion/platform/pagination';
import { Auth, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root, Subscription } from 'type-graphql';
import { User } from '../account/user.stub.js';
import { SecurityEvent, SecurityEventConnection } from './security-event.entity.js';
import type { SecurityEventFeed } from './security-event-feed.js';
import { SecurityEventFilter, SecurityEventListArgs } from './security-event-list.types.js';
import type { SecurityEventService } from './security-event.service.js';

@Resolver(() => SecurityEvent)
export class SecurityEventResolver {
  constructor(
    private readonly events: SecurityEventService,
    private readonly feed: SecurityEventFeed,
  ) {}

  @Auth('security-event:read:any')
  @Query(() => SecurityEventConnection, {
    nullable: true,
    description: 'What happened to the safety of accounts, newest first.',
  })
  securityEvents(
    @Args(() => SecurityEventListArgs) args: SecurityEventListArgs,
    @Ctx() context: SubgraphContext,
  ): Promise<SecurityEventConnection> {
    const { filter = null } = args;
    return this.events.page(filter, pageRequest(args, { list: 'Query.securityEvents', filter }, context));
  }

  @Auth('security-event:read:own')
  @Subscription(() => SecurityEvent, {
    description: 'What happens to the safety of your account, as it happens.',
    subscribe: ({ context }: { context: SubgraphContext }) =>
      context.resolver(SecurityEventResolver).feed.ofUser(viewerOf(context).userId),
  })
  securityEventAdded(@Root() event: SecurityEvent): SecurityEvent {
    return event;
  }

  @Auth('security-event:read:any')
  @Subscription(() => SecurityEvent, {
    description: 'What happens to the safety of all accounts, as it happens.',
    subscribe: ({ args, context }: { args: SecurityEventListArgs; context: SubgraphContext }) =>
      context.resolver(SecurityEventResolver).feed.ofEverybody(args.filter ?? null),
  })
  securityEventStream(
    @Root() event: SecurityEvent,
    @Arg('filter', () => SecurityEventFilter, { nullable: true, description: 'Which; all when not given.' })
    _filter: SecurityEventFilter | null,
  ): SecurityEvent {
    return event;
  }

  @FieldResolver(() => User, { nullable: true, description: 'Whose account it is; null when it is no one account.' })
  user(@Root() { userId }: SecurityEvent): User | null {
    return userId === null ? null : { id: userId };
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Address of the client; null when there is none, and for those who may not see addresses.',
  })
  ip(@Root() { ip, userId }: SecurityEvent, @Ctx() { viewer }: SubgraphContext): string | null {
    return viewer?.userId === userId || holds(viewer, 'user:read-pii:any') ? ip : null;
  }
}

@Resolver(() => User)
export class UserSecurityEventsResolver {
  constructor(private readonly events: SecurityEventService) {}

  @Auth('security-event:read:own')
  @FieldResolver(() => SecurityEventConnection, {
    nullable: true,
    description: 'What happened to the safety of the account, newest first.',
  })
  securityEvents(
    @Root() user: User,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: SubgraphContext,
  ): Promise<SecurityEventConnection> {
    return context.loaders.load(this.events.pagesOfUsers, {
      ownerId: user.id,
      ...pageRequest(args, { list: 'User.securityEvents', ownerId: user.id }, context),
    });
  }
}

import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Resolver, Root, Subscription } from 'type-graphql';
import { AnalyticsEvent, LiveEventFilter } from './live-event.types.js';
import type { LiveEvents } from './live-events.js';

@Resolver()
export class LiveEventResolver {
  constructor(private readonly events: LiveEvents) {}

  @Auth('analytics:read:any')
  @Subscription(() => AnalyticsEvent, {
    description: 'Events of the platform as they happen. What clients track is in the reports only.',
    subscribe: ({ context, args }: { context: SubgraphContext; args: { filter?: LiveEventFilter | null } }) =>
      context.resolver(LiveEventResolver).listen(args.filter ?? null),
  })
  liveEvents(
    @Arg('filter', () => LiveEventFilter, { nullable: true, description: 'Which ones; all when left out.' })
    _filter: LiveEventFilter | null,
    @Root() event: AnalyticsEvent,
  ): AnalyticsEvent {
    return event;
  }

  listen(filter: LiveEventFilter | null): AsyncIterable<AnalyticsEvent> {
    return this.events.listen(filter?.names ?? null);
  }
}

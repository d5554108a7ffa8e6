import type { LivePoll } from '@orion/platform/live';
import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Query, Resolver, Root, Subscription } from 'type-graphql';
import type { QueueStatsService } from './queue-stats.service.js';
import { QueueStats } from './queue-stats.types.js';

@Resolver()
export class QueueStatsResolver {
  constructor(
    private readonly stats: QueueStatsService,
    private readonly changes: LivePoll<QueueStats>,
  ) {}

  @Auth('queue:read:any')
  @Query(() => QueueStats, { nullable: true, description: 'What waits and what is in work: jobs, mails, events.' })
  queueStats(): Promise<QueueStats> {
    return this.stats.read();
  }

  @Auth('queue:read:any')
  @Subscription(() => QueueStats, {
    description: 'What waits and what is in work, whenever it has changed, every two seconds at the most.',
    subscribe: ({ context }: { context: SubgraphContext }) => context.resolver(QueueStatsResolver).changes.listen(),
  })
  queueStatsChanged(@Root() stats: QueueStats): QueueStats {
    return stats;
  }
}

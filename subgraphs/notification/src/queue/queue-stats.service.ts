import { readOutboxStats, readParkedStats } from '@orion/platform/events';
import type { EventBackbone } from '@orion/platform/events';
import { readJobStats } from '@orion/platform/jobs';
import type { LiveNews } from '@orion/platform/live';
import type { Logger } from '@orion/platform/log';
import type { EntityManager } from 'typeorm';
import { JobPriority } from './queue-stats.types.js';
import type { ConsumerGroupStats, JobQueueStats, QueueStats } from './queue-stats.types.js';

type GroupLags = Awaited<ReturnType<EventBackbone['lag']>>;

/** Tells what waits and what is in work in this service. */
export class QueueStatsService {
  constructor(
    private readonly manager: EntityManager,
    private readonly backbone: Pick<EventBackbone, 'lag'>,
    private readonly logger: Logger,
  ) {}

  async read(): Promise<QueueStats> {
    const [jobs, outbox, groups, deadLetters] = await Promise.all([
      this.readJobs(),
      readOutboxStats(this.manager),
      this.readGroups(),
      this.countDeadLetters(),
    ]);
    return { service: 'notification', jobs, outbox, groups, deadLetters };
  }

  /** The stats when they differ from those before. */
  async changed(before: string | null): Promise<LiveNews<QueueStats, string>> {
    const stats = await this.read();
    const now = JSON.stringify(stats);
    return { values: now === before ? [] : [stats], cursor: now };
  }

  private async readJobs(): Promise<JobQueueStats[]> {
    const stats = await readJobStats(this.manager);
    return stats.map(({ name, priority, waiting, running, delayed, dead, oldestAt, perMinute, paused }) => ({
      kind: name,
      priority: PRIORITIES[priority],
      isPaused: paused,
      waiting,
      running,
      delayed,
      dead,
      oldestAt,
      finishedPerMinute: perMinute,
    }));
  }

  private async readGroups(): Promise<ConsumerGroupStats[]> {
    const [lags, parked] = await Promise.all([this.readLags(), readParkedStats(this.manager)]);
    const names = new Set([...(lags ?? []), ...parked].map(({ group }) => group));
    return [...names].toSorted().map((group) => {
      const lag = lags?.find((one) => one.group === group);
      const own = parked.find((one) => one.group === group);
      return {
        group,
        lag: lag?.events ?? null,
        lagSince: lag?.oldestAt ?? null,
        retrying: own?.retry ?? 0,
        dead: own?.dead ?? 0,
        oldestParkedAt: own?.oldestAt ?? null,
      };
    });
  }

  /** The bus is elsewhere: when it does not answer, the rest is still worth showing. */
  private async readLags(): Promise<GroupLags | null> {
    try {
      return await this.backbone.lag();
    } catch (error) {
      this.logger.warn({ err: error }, 'the lag of consumer groups cannot be read');
      return null;
    }
  }

  private async countDeadLetters(): Promise<number> {
    const [row]: { readonly count: number }[] = await this.manager.query(
      `SELECT count(*)::int AS count FROM dead_letters WHERE state = 'DEAD'`,
    );
    return row?.count ?? 0;
  }
}

const PRIORITIES = {
  critical: JobPriority.CRITICAL,
  high: JobPriority.HIGH,
  normal: JobPriority.NORMAL,
  bulk: JobPriority.BULK,
} as const;

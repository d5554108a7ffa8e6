import type { DataSource } from 'typeorm';
import type { Metrics } from '../metrics/index.js';
import { readLongestQueues, readOutboxStats, readParkedStats } from './event-stats.js';
import type { GroupLag } from './transport/transport.js';

/** Has gauges of the outbox, of what is parked and of the lag of groups read when they are scraped. Returns the undo. */
export function registerEventGauges(
  metrics: Metrics,
  {
    dataSource,
    groups,
    lagOf,
  }: {
    readonly dataSource: DataSource;
    /** Those of this process, at the time of the scrape. */
    readonly groups: () => readonly string[];
    readonly lagOf: (group: string) => Promise<GroupLag>;
  },
): () => void {
  const { manager } = dataSource;
  const gauge = <Label extends string>(name: string, help: string, ...labels: Label[]) =>
    metrics.gauge({ name, help, labels });
  const depth = gauge('orion_outbox_events', 'Published events that have not reached the log');
  const depthAge = gauge('orion_outbox_oldest_age_seconds', 'Age of the oldest of them, 0 when there is none');
  const parked = gauge('orion_parked_events', 'Events that a group could not process, by state', 'group', 'state');
  const parkedAge = gauge('orion_parked_oldest_age_seconds', 'Since when the oldest of them is parked', 'group');
  const longest = gauge('orion_parked_longest_queue', 'The most events that wait behind one key', 'group');
  const lag = gauge('orion_group_lag_events', 'Events in the log that a group has not taken', 'group');
  const lagAge = gauge('orion_group_lag_seconds', 'Age of the oldest of them, 0 when there is none', 'group');

  const undo = [
    metrics.onScrape('outbox', async () => {
      const stats = await readOutboxStats(manager);
      depth.set(stats.depth);
      depthAge.set(ageOf(stats.oldestAt));
    }),
    metrics.onScrape('parked events', async () => {
      const [stats, queues] = await Promise.all([readParkedStats(manager), readLongestQueues(manager)]);
      // A group that has none any more is not in the answer.
      for (const each of [parked, parkedAge, longest]) each.reset();
      for (const group of groups()) {
        parked.set({ group, state: 'retry' }, 0);
        parked.set({ group, state: 'dead' }, 0);
        parkedAge.set({ group }, 0);
        longest.set({ group }, 0);
      }
      for (const { group, retry, dead, oldestAt } of stats) {
        parked.set({ group, state: 'retry' }, retry);
        parked.set({ group, state: 'dead' }, dead);
        parkedAge.set({ group }, ageOf(oldestAt));
      }
      for (const { group, waiting } of queues) longest.set({ group }, waiting);
    }),
    metrics.onScrape('group lag', async () => {
      await Promise.all(
        groups().map(async (group) => {
          const { events, oldestAt } = await lagOf(group);
          lag.set({ group }, events);
          lagAge.set({ group }, ageOf(oldestAt));
        }),
      );
    }),
  ];
  return () => undo.forEach((forget) => forget());
}

/** Seconds. The clocks of two machines may differ. */
function ageOf(at: Date | null): number {
  return at === null ? 0 : Math.max(0, (Date.now() - at.getTime()) / 1_000);
}

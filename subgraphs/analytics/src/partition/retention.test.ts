import { userPasswordReset } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { eventually, runSchedule, startTestSubgraph } from '@orion/platform/testing';
import { subgraph } from '../subgraph.js';
import { openTestBus } from '@orion/platform/testing';

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();

describe('retention', () => {
  it('drops whole days that are older, takes no such event any more, and has the coming days ready', async () => {
    const running = await startTestSubgraph(subgraph, { ANALYTICS_RETENTION_DAYS: '100' });
    const bus = await openTestBus(running, { group: 'analytics' });
    const userId = uuidv7();
    const partitions = async () =>
      (
        await bus.sql<{ name: string }>(
          `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'events'::regclass ORDER BY 1`,
        )
      ).map(({ name }) => name);
    const names = (days: readonly number[]) =>
      days.map((day) => `events_${daysAgo(day).slice(0, 10).replaceAll('-', '')}`);
    try {
      for (const days of [99, 40, 20, 0])
        await bus.taken(await bus.deliver(userPasswordReset.of({ userId }), { time: daysAgo(days) }));
      // The coming days are made when the subgraph starts for the first time, beside everything else.
      await eventually(async () => (await partitions()).length === 7);
      expect(await partitions()).toEqual(names([99, 40, 20, 0, -1, -2, -3]));

      await running.restart({ ANALYTICS_RETENTION_DAYS: '31' });
      await runSchedule(running.databaseUrl, 'upkeep');
      expect(await partitions()).toEqual(names([20, 0, -1, -2, -3]));

      await bus.taken(await bus.deliver(userPasswordReset.of({ userId }), { time: daysAgo(101) }));
      const kept = await bus.sql<{ occurred_at: Date }>(
        'SELECT occurred_at FROM events WHERE user_id = $1 ORDER BY 1',
        [userId],
      );
      expect(kept).toHaveLength(2);
      expect(await bus.sql('SELECT 1 FROM parked_events')).toEqual([]);
    } finally {
      await bus.stop();
      await running.stop();
    }
  });
});

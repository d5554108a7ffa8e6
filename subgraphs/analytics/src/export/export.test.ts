import { openTestBus, startTestSubgraph } from '@orion/platform/testing';
import { subgraph } from '../subgraph.js';
import { NOT_EXPORTED, PERSONAL_TABLES } from './personal-tables.js';

test('ID-88: every table with an id of a person is exported or left out for a reason', async () => {
  const running = await startTestSubgraph(subgraph);
  const bus = await openTestBus(running, { group: 'analytics.exports' });
  try {
    const rows = await bus.sql<{ table_name: string }>(
      `SELECT DISTINCT table_name FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name IN ('user_id', 'recipient_id', 'sender_id', 'owner_id')`,
    );
    // A day of events is a partition of all of them.
    const names = rows.map(({ table_name: name }) => name).filter((name) => !/^events_\d/.test(name));
    expect(names.length).toBeGreaterThan(0);
    const known = new Set([...PERSONAL_TABLES.map(({ table }) => table), ...Object.keys(NOT_EXPORTED)]);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  } finally {
    await bus.stop();
    await running.stop();
  }
});

import { openPieces } from '@orion/platform/data-export';
import { authDataExported, userExportRequested } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { createSealer } from '@orion/platform/sealing';
import { eventually, openTestBus, startTestSubgraph } from '@orion/platform/testing';
import type { TestBus, TestSubgraph } from '@orion/platform/testing';
import { subgraph } from '../subgraph.js';
import { NOT_EXPORTED, PERSONAL_TABLES } from './personal-tables.js';

let running: TestSubgraph;
let bus: TestBus;
beforeAll(async () => {
  running = await startTestSubgraph(subgraph);
  bus = await openTestBus(running, { group: 'auth.exports' });
});
afterAll(async () => {
  await bus?.stop();
  await running?.stop();
});

test('ID-88: every table with an id of a person is exported or left out for a reason, and no secret is', async () => {
  const rows = await bus.sql<{ table_name: string }>(
    `SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'user_id'`,
  );
  const known = new Set([...PERSONAL_TABLES.map(({ table }) => table), ...Object.keys(NOT_EXPORTED)]);
  expect(rows.map(({ table_name: name }) => name).filter((name) => !known.has(name))).toEqual([]);
  for (const { columns } of PERSONAL_TABLES)
    for (const column of columns)
      expect(
        column === 'password_hash IS NOT NULL AS has_password' || !/hash|sealed|secret|key|token/.test(column),
      ).toBe(true);
});

test('ID-88: who asks gets an answer, sealed; of somebody who is not known, an empty one', async () => {
  const userId = uuidv7();
  await bus.sql(
    `INSERT INTO credentials (user_id, email, email_canonical, password_hash) VALUES ($1, 'a@b.co', 'a@b.co', '$argon2id$secret')`,
    [userId],
  );
  for (const [id, credentials] of [
    [userId, [expect.objectContaining({ email: 'a@b.co', has_password: true })]],
    [uuidv7(), []],
  ] as const) {
    const exportId = uuidv7();
    await bus.taken(await bus.deliver(userExportRequested.of({ userId: id, exportId })));
    const [answer] = await eventually(async () => {
      const all = await bus.published(authDataExported.type);
      const mine = all.filter(({ data }) => (data as { exportId: string }).exportId === exportId);
      return mine.length > 0 && mine;
    });
    expect(answer?.data).toMatchObject({ userId: id, service: 'auth', index: 0, count: 1 });
    const { piece } = (answer?.data ?? { piece: '' }) as { piece: string };
    expect(piece).not.toContain('a@b.co');
    const sealer = createSealer(running.environment['ORION_SEALING_KEY'] ?? '');
    const data = openPieces(sealer, [piece]);
    expect(data).toMatchObject({ credentials, sessions: [] });
    expect(JSON.stringify(data)).not.toContain('argon2');
  }
});

import { auditRecorded, sessionRevoked, userDeleted, userLogin } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { eventually, openTestBus, runSchedule, startTestSubgraph, testViewer } from '@orion/platform/testing';
import type { TestBus, TestSubgraph } from '@orion/platform/testing';
import { subgraph } from '../subgraph.js';

let running: TestSubgraph;
let bus: TestBus;
beforeAll(async () => {
  running = await startTestSubgraph(subgraph);
  bus = await openTestBus(running, { group: 'analytics' });
});
afterAll(async () => {
  await bus?.stop();
  await running?.stop();
});

const login = (userId: string) =>
  userLogin.of({ userId, sessionId: uuidv7(), deviceId: uuidv7(), isNewDevice: false, ip: null, userAgent: null });
const eventsOf = (userId: string) => bus.sql('SELECT 1 FROM events WHERE user_id = $1', [userId]);

test('ID-88: what is told of somebody after they were deleted is stored without them', async () => {
  const [userId, other] = [uuidv7(), uuidv7()];
  await bus.taken(await bus.deliver(userDeleted.of({ userId })));
  const late = await bus.deliver(sessionRevoked.of({ userId, sessionId: uuidv7(), reason: 'user_deleted' }));
  await bus.taken(late);
  await bus.taken(await bus.deliver(login(other)));
  expect(await eventsOf(userId)).toEqual([]);
  expect(await eventsOf(other)).toHaveLength(1);
  expect(await bus.sql('SELECT name, properties FROM events WHERE event_id = $1', [late.id])).toEqual([
    { name: 'session.revoked', properties: {} },
  ]);
});

test('ID-88: what was stored at the very moment is forgotten by the upkeep, which forgets the id as well', async () => {
  const userId = uuidv7();
  await bus.taken(await bus.deliver(login(userId)));
  await bus.sql('INSERT INTO forgotten_people (user_id) VALUES ($1)', [userId]);
  await runSchedule(running.databaseUrl, 'upkeep');
  expect(await eventsOf(userId)).toEqual([]);
  await bus.sql(`UPDATE forgotten_people SET forgotten_at = now() - interval '31 days' WHERE user_id = $1`, [userId]);
  await runSchedule(running.databaseUrl, 'upkeep');
  expect(await bus.sql('SELECT 1 FROM forgotten_people WHERE user_id = $1', [userId])).toEqual([]);
});

test('deletePersonData forgets one person, on record, by order of who may', async () => {
  const userId = uuidv7();
  for (let n = 0; n < 3; n += 1) await bus.taken(await bus.deliver(login(userId)));
  const ask = (id: string, viewer = testViewer({ permissions: ['analytics:delete:any'] })) =>
    running.query(
      `mutation ($userId: ID!) { deletePersonData(input: { userId: $userId, reason: "letter" }) { forgottenEvents userErrors { code path } } }`,
      { viewer, variables: { userId: id } },
    );
  expect((await ask(userId, testViewer())).errors[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
  expect((await ask(userId)).data.deletePersonData).toEqual({ forgottenEvents: 3, userErrors: [] });
  expect((await ask(userId)).data.deletePersonData).toEqual({ forgottenEvents: 0, userErrors: [] });
  expect((await ask('x')).data.deletePersonData).toEqual({
    forgottenEvents: null,
    userErrors: [{ code: 'PERSON_ID_INVALID', path: ['input', 'userId'] }],
  });
  const records = await eventually(async () => {
    const all = (await bus.published(auditRecorded.type)).map(({ data }) => data as { action: string; reason: string });
    return all.length === 2 && all;
  });
  expect(records[0]).toMatchObject({
    action: 'person_data.deleted',
    reason: 'letter',
    details: { forgottenEvents: 3 },
  });
});

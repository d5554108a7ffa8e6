import { userDeleted } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { eventually, runSchedule, testViewer } from '@orion/platform/testing';
import { envelopeOf, startNotification } from '../testing/notification-fixture.js';
import type { NotificationFixture } from '../testing/notification-fixture.js';
import { createOperatorClient, operator } from '../testing/operator-client.js';
import type { OperatorClient } from '../testing/operator-client.js';
import { startPoisonedService } from '../testing/poisoned-service.js';
import type { PoisonedService } from '../testing/poisoned-service.js';

let notification: NotificationFixture;
let other: PoisonedService;
let client: OperatorClient;

beforeAll(async () => {
  notification = await startNotification();
});
afterAll(() => notification?.stop());
beforeEach(async () => {
  other = await startPoisonedService(notification.busUrl);
  client = createOperatorClient(notification, other);
});
afterEach(() => other?.stop());

test('a dead event of another service shows all that is needed to judge it', async () => {
  const actorId = uuidv7();
  const { event, dead } = await client.kill(undefined, { actorId, correlationId: 'c-1', causationId: 'r-1' });
  expect(dead).toEqual({
    id: expect.any(String),
    service: other.service,
    group: other.group,
    eventId: event.id,
    type: 'dev.orion.user.updated.v1',
    key: event.key,
    source: '/subgraphs/user',
    topic: 'orion.user',
    occurredAt: new Date(event.time).toISOString(),
    correlationId: 'c-1',
    causationId: 'r-1',
    actor: { id: actorId },
    data: event.data,
    error: expect.stringContaining('is poison'),
    attempts: 1,
    diedAt: expect.any(String),
    state: 'DEAD',
    requestedAt: null,
    settledAt: null,
    reason: null,
    operations: [],
  });
  expect(await client.letter(uuidv7())).toBeNull();
  expect(await client.letter('nonsense')).toBeNull();
});

test('redriven too early, it dies again and shows both deaths', async () => {
  const { dead } = await client.kill();
  await client.operate('redriveDeadLetters', { ids: [dead.id] });
  const again = await eventually(async () => {
    const found = await client.letter(dead.id);
    return found.state === 'DEAD' && found.operations[0]?.outcome === 'DIED_AGAIN' && found;
  });
  expect(new Date(again.diedAt).getTime()).toBeGreaterThan(new Date(dead.diedAt).getTime());
  expect(await other.effects()).toEqual([]);
});

test('settled ones are kept for 90 days, open ones until somebody decides', async () => {
  const service = `old-${uuidv7()}`;
  await notification.sql(
    `INSERT INTO dead_letters (id, service, grp, event_id, type, error, died_at, state, settled_at, revision)
     SELECT gen_random_uuid(), $1, days || state, gen_random_uuid(), 't', 'e', now() - make_interval(days => days), state,
            CASE WHEN state <> 'DEAD' THEN now() - make_interval(days => days) END, 0
     FROM unnest(ARRAY[89, 91]) days, unnest(ARRAY['DEAD', 'DISCARDED', 'PROCESSED']) state`,
    [service],
  );
  await runSchedule(notification.databaseUrl, 'dead_letter.upkeep');
  const left = await notification.sql<{ grp: string }>('SELECT grp FROM dead_letters WHERE service = $1 ORDER BY grp', [
    service,
  ]);
  expect(left.map(({ grp }) => grp)).toEqual(['89DEAD', '89DISCARDED', '89PROCESSED', '91DEAD']);
});

test('pages go on where the one before ended, in the order asked for', async () => {
  const letters = [await client.kill(), await client.kill(), await client.kill()];
  const ids = letters.map(({ dead }) => dead.id);
  const page = async (rest: string) => {
    const { data } = await client.ask(
      `query ($filter: DeadLetterFilter) { deadLetters(filter: $filter, ${rest}) { nodes { id } pageInfo { endCursor hasNextPage } } }`,
      { filter: { group: other.group } },
    );
    return data.deadLetters;
  };
  const first = await page('first: 2');
  expect(first.nodes.map(({ id }: { id: string }) => id)).toEqual([ids[2], ids[1]]);
  expect(first.pageInfo.hasNextPage).toBe(true);
  expect((await page(`first: 2, after: "${first.pageInfo.endCursor}"`)).nodes).toEqual([{ id: ids[0] }]);
  const oldest = await page('first: 1, orderBy: { field: DIED_AT, direction: ASC }');
  expect(oldest.nodes).toEqual([{ id: ids[0] }]);
  const { diedAt } = letters[1]?.dead ?? {};
  expect((await client.list({ diedAfter: diedAt })).length).toBe(2);
  expect((await client.list({ diedBefore: diedAt })).length).toBe(1);
  expect(await client.list({ type: 'dev.orion.user.created.v1' })).toEqual([]);
  expect(await client.list({ service: other.service, state: 'DEAD' })).toHaveLength(3);
});

test('what a dead event says about a person goes when the person is deleted', async () => {
  const { event, dead } = await client.kill();
  await notification.emit(envelopeOf(userDeleted.of({ userId: event.key })));
  await eventually(async () => (await client.letter(dead.id)).data === null);
  expect(await client.letter(dead.id)).toMatchObject({ state: 'DEAD', actor: null, key: event.key });
});

test('subscribers see each change of a dead letter', async () => {
  const stream = await notification.subscribe('subscription { deadLetterChanged { id eventId state } }', {
    viewer: operator,
  });
  const seen: { id: string; state: string }[] = [];
  const reading = (async () => {
    for (;;) {
      const next = await stream.next();
      if (next === undefined) return;
      seen.push(next.deadLetterChanged);
    }
  })();
  // The subscription is running when its first change arrives: until then, events are killed.
  while (seen.length === 0) await client.kill();
  const { dead } = await client.kill();
  await client.operate('discardDeadLetters', { ids: [dead.id], reason: 'test' });
  await eventually(() => seen.some(({ id, state }) => id === dead.id && state === 'DISCARDED'));
  await stream.end();
  await reading;
  const refused = await notification.subscribe('subscription { deadLetterChanged { id } }', { viewer: testViewer() });
  expect(await refused.next()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  await refused.end();
});

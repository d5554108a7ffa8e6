import { uuidv7 } from '@orion/platform/ids';
import { eventually, testViewer } from '@orion/platform/testing';
import { startNotification } from '../testing/notification-fixture.js';
import type { NotificationFixture } from '../testing/notification-fixture.js';
import { createOperatorClient, operator } from '../testing/operator-client.js';
import type { OperatorClient } from '../testing/operator-client.js';
import { POISON, startPoisonedService } from '../testing/poisoned-service.js';
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

test('redriven, it takes effect when the cause is gone, and who did it stays known', async () => {
  const { event, dead } = await client.kill(`${POISON} mushroom`);
  other.cure();
  const answer = await client.operate('redriveDeadLetters', { ids: [dead.id] });
  expect(answer).toMatchObject({
    matched: 1,
    accepted: 1,
    deadLetters: [{ id: dead.id, state: 'REDRIVING' }],
    userErrors: [],
  });
  const processed = await client.inState(dead.id, 'PROCESSED');
  expect(await other.effects()).toEqual([`${POISON} mushroom`]);
  expect(processed).toMatchObject({
    requestedAt: null,
    settledAt: expect.any(String),
    operations: [
      { kind: 'REDRIVE', requestedBy: { id: operator.userId }, outcome: 'PROCESSED', settledAt: expect.any(String) },
    ],
  });
  expect(await eventually(async () => (await client.audits(event.id)).length > 0 && client.audits(event.id))).toEqual([
    expect.objectContaining({
      action: 'dead_letter.redrive_requested',
      actorType: 'user',
      actorId: operator.userId,
      outcome: 'success',
      reason: null,
      ip: '127.0.0.1',
      userAgent: 'test',
      details: { group: other.group },
    }),
  ]);
});

test('discarded with a reason, it never takes effect', async () => {
  const { event, dead } = await client.kill();
  const answer = await client.operate('discardDeadLetters', { ids: [dead.id], reason: '  sent by mistake ' });
  expect(answer).toMatchObject({ accepted: 1, deadLetters: [{ state: 'DISCARDING' }] });
  const discarded = await client.inState(dead.id, 'DISCARDED');
  expect(discarded).toMatchObject({
    reason: 'sent by mistake',
    settledAt: expect.any(String),
    operations: [{ kind: 'DISCARD', reason: 'sent by mistake', outcome: 'DISCARDED' }],
  });
  other.cure();
  expect(await client.operate('redriveDeadLetters', { ids: [dead.id] })).toMatchObject({
    accepted: 0,
    userErrors: [{ code: 'NOT_DEAD', message: 'It is DISCARDED.', path: ['input', 'ids', '0'] }],
  });
  expect(await client.audits(event.id)).toMatchObject([
    { action: 'dead_letter.discard_requested', reason: 'sent by mistake' },
  ]);
});

test('edited and redriven, the other data takes effect', async () => {
  const { event, dead } = await client.kill();
  const data = { ...(event.data as object), displayName: 'antidote' };
  const answer = await client.operate('editDeadLetter', { id: dead.id, data, redrive: true });
  expect(answer).toMatchObject({ deadLetter: { state: 'REDRIVING', data: event.data }, userErrors: [] });
  expect(await client.inState(dead.id, 'PROCESSED')).toMatchObject({
    data,
    operations: [{ kind: 'EDIT', data, outcome: 'PROCESSED' }],
  });
  expect(await other.effects()).toEqual(['antidote']);
  expect(JSON.stringify(await client.audits(event.id))).not.toContain('antidote');
});

test('edited only, it stays dead and shows the other data', async () => {
  const { event, dead } = await client.kill();
  const data = { ...(event.data as object), displayName: 'antidote' };
  expect(await client.operate('editDeadLetter', { id: dead.id, data })).toMatchObject({
    deadLetter: { state: 'EDITING' },
  });
  expect(await client.inState(dead.id, 'DEAD')).toMatchObject({
    data,
    operations: [{ kind: 'EDIT', outcome: 'EDITED' }],
  });
  expect(await other.effects()).toEqual([]);
});

test('a selection by filter takes what meets it and nothing else', async () => {
  const [first, second] = [await client.kill(), await client.kill()];
  const stranger = await startPoisonedService(notification.busUrl, { startAt: 'beginning' });
  try {
    await eventually(async () => (await client.list({ group: stranger.group })).length >= 2);
    const filter = { group: other.group, key: first.event.key };
    expect(await client.operate('discardDeadLetters', { filter, reason: 'test' })).toMatchObject({
      matched: 1,
      accepted: 1,
    });
    await client.inState(first.dead.id, 'DISCARDED');
    expect(await client.letter(second.dead.id)).toMatchObject({ state: 'DEAD' });
    // What is settled is not meant, unless its state is named.
    expect(await client.operate('redriveDeadLetters', { filter, dryRun: true })).toMatchObject({
      matched: 0,
      accepted: 0,
    });
    expect(
      await client.operate('redriveDeadLetters', { filter: { ...filter, state: 'DISCARDED' }, dryRun: true }),
    ).toMatchObject({ matched: 1, accepted: 0 });
    expect(
      (await client.list({ group: stranger.group })).every(({ state }: { state: string }) => state === 'DEAD'),
    ).toBe(true);
  } finally {
    await stranger.stop();
  }
});

test('many are asked for in events of a moderate size, each with its audit record', async () => {
  // Of a service that is not there: what is asked for stays to be seen.
  const service = `many-${uuidv7()}`;
  await notification.sql(
    `INSERT INTO dead_letters (id, service, grp, event_id, type, error, died_at, state, revision)
     SELECT gen_random_uuid(), $1, $1 || '.' || CASE WHEN n <= 1200 THEN 'a' ELSE 'b' END, gen_random_uuid(), 't', 'e', now(), 'DEAD', 0
     FROM generate_series(1, 1210) n`,
    [service],
  );
  const answer = await client.operate('redriveDeadLetters', { filter: { service } });
  expect(answer).toMatchObject({ matched: 1_210, accepted: 1_210, userErrors: [] });
  expect(answer.deadLetters).toHaveLength(100);
  const asked = async (type: string, path: string) =>
    notification.bus<{ n: number }>(
      `SELECT json_array_length(envelope->'data'->'${path}')::int AS n FROM log
        WHERE type = $1 AND envelope->'data' ->> 'group' LIKE $2 || '.%' OR
              type = $1 AND envelope->'data'->'details' ->> 'group' LIKE $2 || '.%' ORDER BY n`,
      [type, service],
    );
  for (const [type, path] of [
    ['dev.orion.dead_letter.redrive_requested.v1', 'eventIds'],
    ['dev.orion.audit.recorded.v1', 'targets'],
  ] as const) {
    const sizes = await eventually(async () => {
      const found = await asked(type, path);
      return found.length === 4 && found;
    });
    expect(sizes.map(({ n }) => n)).toEqual([10, 200, 500, 500]);
  }
});

test('a dry run counts, and nothing happens', async () => {
  const { event, dead } = await client.kill();
  const before = await client.commandsOnBus();
  for (const [mutation, input] of [
    ['redriveDeadLetters', { ids: [dead.id, uuidv7()], dryRun: true }],
    ['discardDeadLetters', { filter: { group: other.group }, reason: 'test', dryRun: true }],
  ] as const) {
    expect(await client.operate(mutation, input)).toMatchObject({
      matched: 1,
      accepted: 1,
      deadLetters: [{ id: dead.id, state: 'DEAD' }],
    });
  }
  expect(await client.operate('redriveDeadLetters', { all: true, dryRun: true })).toMatchObject({
    matched: expect.any(Number),
  });
  expect(await client.letter(dead.id)).toEqual(dead);
  expect(await client.commandsOnBus()).toBe(before);
  expect(await client.audits(event.id)).toEqual([]);
});

test('everything is only meant when that is said', async () => {
  const { dead } = await client.kill();
  for (const [input, code] of [
    [{}, 'SELECTION_INVALID'],
    [{ ids: [dead.id], all: true }, 'SELECTION_INVALID'],
    [{ ids: [dead.id], filter: { group: 'x' } }, 'SELECTION_INVALID'],
    [{ filter: {} }, 'FILTER_EMPTY'],
    [{ filter: { group: null } }, 'FILTER_EMPTY'],
    [{ ids: [] }, 'TOO_MANY_DEAD_LETTERS'],
    [{ ids: Array.from({ length: 101 }, () => dead.id) }, 'TOO_MANY_DEAD_LETTERS'],
  ] as const) {
    expect(await client.operate('redriveDeadLetters', input)).toMatchObject({ accepted: 0, userErrors: [{ code }] });
  }
  expect(await client.letter(dead.id)).toEqual(dead);
});

test('what cannot be done says why', async () => {
  const { event, dead } = await client.kill();
  const reasons = ['', ' \n', 'x'.repeat(1_001)];
  for (const reason of reasons) {
    expect(await client.operate('discardDeadLetters', { ids: [dead.id], reason })).toMatchObject({
      accepted: 0,
      userErrors: [{ code: 'REASON_REQUIRED', path: ['input', 'reason'] }],
    });
  }
  const unknown = uuidv7();
  expect(await client.operate('redriveDeadLetters', { ids: [unknown, 'nonsense'] })).toMatchObject({
    matched: 0,
    userErrors: [
      { code: 'NOT_FOUND', path: ['input', 'ids', '0'] },
      { code: 'NOT_FOUND', path: ['input', 'ids', '1'] },
    ],
  });
  expect(await client.operate('editDeadLetter', { id: unknown, data: {} })).toMatchObject({
    userErrors: [{ code: 'NOT_FOUND' }],
  });
  expect(await client.operate('editDeadLetter', { id: dead.id, data: { userId: 7 } })).toMatchObject({
    deadLetter: null,
    userErrors: [{ code: 'INVALID_DATA', message: expect.stringContaining('displayName'), path: ['input', 'data'] }],
  });
  const large = { ...(event.data as object), displayName: 'x'.repeat(300_000) };
  expect(await client.operate('editDeadLetter', { id: dead.id, data: large })).toMatchObject({
    userErrors: [{ code: 'INVALID_DATA', message: expect.stringContaining('bytes') }],
  });
  expect(await client.letter(dead.id)).toEqual(dead);
});

test('without the permission nobody sees or changes anything, also through _entities', async () => {
  const { dead } = await client.kill();
  const before = await client.commandsOnBus();
  const reader = testViewer({ permissions: ['deadletter:read:any'] });
  const manager = testViewer({ permissions: ['deadletter:manage:own', 'deadletter:read:own'] });
  for (const viewer of [reader, manager]) {
    for (const [mutation, input] of [
      ['redriveDeadLetters', { ids: [dead.id] }],
      ['discardDeadLetters', { ids: [dead.id], reason: 'test' }],
      ['editDeadLetter', { id: dead.id, data: dead.data }],
    ] as const) {
      const { errors } = await client.operate(mutation, input, viewer);
      expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'deadletter:manage:any' });
    }
  }
  const { data, errors } = await client.ask(
    `query ($id: ID!, $r: [_Any!]!) { deadLetters { nodes { id } } deadLetter(id: $id) { id } _entities(representations: $r) { ... on DeadLetter { data } } }`,
    { id: dead.id, r: [{ __typename: 'DeadLetter', id: dead.id }] },
    manager,
  );
  expect(data).toEqual({ deadLetters: null, deadLetter: null, _entities: [null] });
  expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  expect(await client.letter(dead.id)).toEqual(dead);
  expect(await client.commandsOnBus()).toBe(before);
});

test('who may only manage them is not shown them in the answer', async () => {
  const { dead } = await client.kill();
  const blind = testViewer({ permissions: ['deadletter:manage:any'] });
  const answer = await client.operate('redriveDeadLetters', { ids: [dead.id] }, blind);
  expect(answer).toMatchObject({ accepted: 1, deadLetters: null, userErrors: [] });
  expect(answer.errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'deadletter:read:any' });
});

test('of operators who want the same at the same time one gets it', async () => {
  const { dead } = await client.kill();
  await other.leave();
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => client.operate('redriveDeadLetters', { ids: [dead.id] })),
  );
  expect(answers.filter(({ accepted }) => accepted === 1)).toHaveLength(1);
  expect(answers.filter(({ userErrors }) => userErrors[0]?.code === 'NOT_DEAD')).toHaveLength(7);
  expect((await client.letter(dead.id)).operations).toHaveLength(1);
});

test('a service that does not answer shows, and can be asked again', async () => {
  const { dead } = await client.kill();
  other.cure();
  await other.leave();
  await client.operate('redriveDeadLetters', { ids: [dead.id] });
  expect(await client.letter(dead.id)).toMatchObject({ state: 'REDRIVING', requestedAt: expect.any(String) });
  expect(await client.operate('redriveDeadLetters', { ids: [dead.id] })).toMatchObject({
    accepted: 0,
    userErrors: [{ code: 'NOT_DEAD', message: expect.stringContaining('half a minute') }],
  });
  // Half a minute passes.
  await notification.sql(`UPDATE dead_letters SET requested_at = requested_at - interval '31 seconds' WHERE id = $1`, [
    dead.id,
  ]);
  expect(await client.operate('redriveDeadLetters', { ids: [dead.id] })).toMatchObject({ accepted: 1, userErrors: [] });
  await other.join();
  const processed = await client.inState(dead.id, 'PROCESSED');
  expect(await other.effects()).toHaveLength(1);
  expect(processed.operations).toHaveLength(2);
});

import type { EventTransport } from '@orion/platform/events';
import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { newcomer, signIn } from '../graph/index.js';
import type { GraphClient } from '../graph/index.js';
import { brokenRegistration, openBus } from './bus.js';

/** On a busy machine the rebalancing of a Kafka group alone takes seconds. */
const PATIENCE = { within: 60_000, every: 100 };

let platform: Platform;
let bus: EventTransport;
let admin: GraphClient;

beforeAll(async () => {
  platform = await startPlatform({
    mode: 'test',
    env: { EVENT_RETRY_ATTEMPTS: '2', EVENT_RETRY_BASE_MS: '50', EVENT_RETRY_CAP_MS: '50' },
  });
  bus = openBus(platform);
  ({ client: admin } = await signIn(platform.url, { email: 'admin@orion.test', password: 'orion-demo' }));
}, 120_000);
afterAll(async () => {
  await bus?.close();
  await platform?.stop();
});

interface Letter {
  readonly id: string;
  readonly group: string;
  readonly service: string;
  readonly state: string;
}

const LETTERS = `query ($key: String!) { deadLetters(filter: { key: $key }, first: 20) { nodes {
  id group service state eventId type topic error attempts data actor { id } operations { kind outcome requestedBy { displayName } } } } }`;

async function letters(key: string): Promise<readonly Letter[]> {
  const { data, errors } = await admin.query(LETTERS, { key });
  expect(errors).toEqual([]);
  return data.deadLetters.nodes;
}

/** The dead letter of a group, as soon as it is as it should be. */
const untilLetter = (key: string, group: string, expected: Record<string, unknown>): Promise<Letter> =>
  eventually(async () => {
    const found = await letters(key);
    expect(found).toContainEqual(expect.objectContaining({ group, ...expected }));
    return found.find((letter) => letter.group === group);
  }, PATIENCE);

const inState = (key: string, group: string, state: string): Promise<Letter> => untilLetter(key, group, { state });

async function mutate(document: string, input: Record<string, unknown>) {
  const { data, errors } = await admin.query(document, { input });
  expect(errors).toEqual([]);
  const [payload] = Object.values<{ userErrors: unknown[] }>(data);
  expect(payload?.userErrors).toEqual([]);
  return payload;
}

const EDIT = `mutation ($input: EditDeadLetterInput!) { editDeadLetter(input: $input) { deadLetter { state } userErrors { code message } } }`;
const REDRIVE = `mutation ($input: RedriveDeadLettersInput!) { redriveDeadLetters(input: $input) { matched accepted userErrors { code message } } }`;
const DISCARD = `mutation ($input: DiscardDeadLettersInput!) { discardDeadLetters(input: $input) { matched accepted userErrors { code message } } }`;

test('a broken registration is found, judged, repaired for one group and given up for the others', async () => {
  const event = brokenRegistration();
  await bus.append([event]);

  const dead = await inState(event.key, 'user', 'DEAD');
  expect(dead).toMatchObject({
    service: 'user',
    eventId: event.id,
    type: 'dev.orion.user.registered.v1',
    topic: 'orion.auth',
    attempts: 2,
    error: expect.stringContaining('displayName'),
    data: event.data,
    actor: null,
    operations: [],
  });
  await inState(event.key, 'notification', 'DEAD');

  // Driven again as it is, it dies again.
  expect(await mutate(REDRIVE, { filter: { key: event.key, group: 'user' }, dryRun: true })).toMatchObject({
    accepted: 1,
  });
  expect(await mutate(REDRIVE, { ids: [dead.id] })).toMatchObject({ matched: 1, accepted: 1 });
  await untilLetter(event.key, 'user', {
    state: 'DEAD',
    operations: [expect.objectContaining({ outcome: 'DIED_AGAIN' })],
  });

  const data = { ...event.data, displayName: 'Erin' };
  expect(await mutate(EDIT, { id: dead.id, data, redrive: true })).toMatchObject({
    deadLetter: { state: 'REDRIVING' },
  });
  expect(await inState(event.key, 'user', 'PROCESSED')).toMatchObject({
    data,
    operations: [
      { kind: 'REDRIVE', outcome: 'DIED_AGAIN' },
      { kind: 'EDIT', outcome: 'PROCESSED', requestedBy: { displayName: 'Admin' } },
    ],
  });
  const { data: found } = await admin.query('query ($id: ID!) { user(id: $id) { displayName } }', { id: event.key });
  expect(found.user).toEqual({ displayName: 'Erin' });

  const others = (await letters(event.key)).filter(({ state }) => state === 'DEAD');
  expect(await mutate(DISCARD, { filter: { key: event.key }, reason: 'Erin was told by other means' })).toMatchObject({
    matched: others.length,
    accepted: others.length,
  });
  for (const { group } of others) await inState(event.key, group, 'DISCARDED');

  await expectAudited(event.id, [
    ['event.dead_lettered', null],
    ['dead_letter.redrive_requested', 'Admin'],
    ['dead_letter.redriven', 'Admin'],
    ['dead_letter.edit_requested', 'Admin'],
    ['dead_letter.edited', 'Admin'],
    ['dead_letter.discard_requested', 'Admin'],
    ['dead_letter.discarded', 'Admin'],
  ]);
}, 300_000);

async function expectAudited(eventId: string, expected: readonly (readonly [string, string | null])[]): Promise<void> {
  const logs = await eventually(async () => {
    const { data, errors } = await admin.query(
      `query ($id: String!) { auditLogs(filter: { targetType: "event", targetId: $id }, first: 50) {
         nodes { action reason actor { displayName } } } verifyAuditLog { isIntact checked } }`,
      { id: eventId },
    );
    expect(errors).toEqual([]);
    const actions = data.auditLogs.nodes.map(({ action }: { action: string }) => action);
    expect(actions).toEqual(expect.arrayContaining(expected.map(([action]) => action)));
    return data;
  }, PATIENCE);
  for (const [action, displayName] of expected) {
    const log = logs.auditLogs.nodes.find((one: { action: string }) => one.action === action);
    expect(log.actor).toEqual(displayName === null ? null : { displayName });
  }
  const discarded = logs.auditLogs.nodes.find(({ action }: { action: string }) => action === 'dead_letter.discarded');
  expect(discarded.reason).toBe('Erin was told by other means');
  expect(logs.verifyAuditLog).toMatchObject({ isIntact: true });
}

test('a group reads the log again when it is asked to', async () => {
  const { data } = await admin.query(
    `mutation { replayEvents(input: { group: "analytics", from: { beginning: true }, types: ["user.login"] }) { replay { id } userErrors { code } } }`,
  );
  expect(data.replayEvents.userErrors).toEqual([]);
  await eventually(async () => {
    const answer = await admin.query('{ eventReplays(first: 10) { nodes { id state service events error } } }');
    const replay = answer.data.eventReplays.nodes.find(({ id }: { id: string }) => id === data.replayEvents.replay.id);
    return replay.state === 'FINISHED' && replay.service === 'analytics' && replay.events === 0;
  }, PATIENCE);
}, 120_000);

test('what waits is shown to operators and to nobody else', async () => {
  const { data, errors } = await admin.query(
    '{ queueStats { service outbox { depth } groups { group lag } jobs { kind } } }',
  );
  expect(errors).toEqual([]);
  expect(data.queueStats.groups.length).toBeGreaterThan(1);
  const { client: member } = await newcomer(platform.url, { name: 'Frank' });
  const refused = await member.query(
    '{ deadLetters { nodes { id } } eventReplays { nodes { id } } queueStats { service } auditLogs { nodes { id } } verifyAuditLog { isIntact } }',
  );
  expect(Object.values(refused.data)).toEqual([null, null, null, null, null]);
  expect(new Set(refused.errors.map(({ extensions }) => extensions['code']))).toEqual(new Set(['FORBIDDEN']));
}, 60_000);

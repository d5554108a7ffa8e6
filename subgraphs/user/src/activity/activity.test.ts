import { securityEventRecorded, userLogin, userLogout } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { runSchedule, testViewer } from '@orion/platform/testing';
import { startPeople } from '../testing/person-fixture.js';
import type { PersonFixture } from '../testing/person-fixture.js';

let people: PersonFixture;
beforeAll(async () => {
  people = await startPeople();
});
afterAll(() => people?.stop());

const login = (userId: string) =>
  userLogin.of({
    userId,
    sessionId: uuidv7(),
    deviceId: uuidv7(),
    isNewDevice: true,
    ip: '192.0.2.7',
    userAgent: 'x\0y',
  });

const ACTIVITY = `query ($id: ID!, $first: Int, $after: String) { user(id: $id) { lastSeenAt
  activity(first: $first, after: $after) { nodes { kind ip details } pageInfo { endCursor hasNextPage } } } }`;

const ask = (userId: string, viewer = testViewer({ userId }), page: object = { first: 10 }) =>
  people.running.query(ACTIVITY, { viewer, variables: { id: userId, ...page } });

test('what somebody does, and what befalls their account, is theirs to see, newest first', async () => {
  const userId = await people.register('Active');
  const event = await people.bus.deliver(login(userId));
  await people.bus.taken(event);
  await people.bus.redeliver(event);
  const security = securityEventRecorded.of({
    securityEventId: uuidv7(),
    userId,
    kind: 'password_changed',
    severity: 'medium',
    sessionId: null,
    deviceId: null,
    ip: null,
    userAgent: null,
    actorId: null,
    details: {},
    occurredAt: new Date().toISOString(),
  });
  await people.bus.taken(await people.bus.deliver(security));
  await people.running.query('mutation { updateProfile(input: { bio: "hello" }) { userErrors { code } } }', {
    viewer: testViewer({ userId }),
  });
  await people.bus.taken(await people.bus.deliver(userLogout.of({ userId, sessionId: uuidv7() })));
  const { data, errors } = await ask(userId);
  expect(errors).toEqual([]);
  expect(data.user.activity.nodes).toEqual([
    { kind: 'SIGNED_OUT', ip: null, details: {} },
    { kind: 'PROFILE_UPDATED', ip: '127.0.0.1', details: { fields: ['bio'] } },
    { kind: 'SECURITY_EVENT', ip: null, details: { kind: 'password_changed', severity: 'medium' } },
    { kind: 'SIGNED_IN', ip: '192.0.2.7', details: { isNewDevice: true } },
  ]);
  expect(new Date(data.user.lastSeenAt).getTime()).toBeGreaterThanOrEqual(new Date(event.time).getTime());
  const first = await ask(userId, testViewer({ userId }), { first: 3 });
  // The cursor is that of the viewer who asked.
  const { endCursor } = first.data.user.activity.pageInfo;
  expect(
    (await ask(userId, testViewer({ userId }), { first: 3, after: endCursor })).data.user.activity.nodes,
  ).toHaveLength(1);
});

test('ID-77: others do not see it, administrators do', async () => {
  const userId = await people.register('Private');
  await people.bus.taken(await people.bus.deliver(login(userId)));
  const stranger = await ask(userId, testViewer());
  expect(stranger.data.user).toEqual({ activity: null, lastSeenAt: null });
  expect(stranger.errors.map(({ extensions }) => extensions['code'])).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  const { data } = await ask(userId, testViewer({ permissions: ['activity:read:any'] }));
  expect(data.user.activity.nodes).toHaveLength(1);
});

test('what is old goes, and nothing comes of somebody who is deleted', async () => {
  const userId = await people.register('Old');
  await people.bus.taken(await people.bus.deliver(login(userId)));
  await people.bus.sql(`UPDATE activity SET occurred_at = now() - interval '181 days' WHERE user_id = $1`, [userId]);
  await people.bus.taken(await people.bus.deliver(login(userId)));
  await runSchedule(people.running.databaseUrl, 'upkeep');
  expect(await people.bus.sql('SELECT 1 FROM activity WHERE user_id = $1', [userId])).toHaveLength(1);
  await people.bus.sql(`UPDATE users SET deleted_at = now(), status = 'DELETED' WHERE id = $1`, [userId]);
  await people.bus.taken(await people.bus.deliver(login(userId)));
  expect(await people.bus.sql('SELECT 1 FROM activity WHERE user_id = $1', [userId])).toHaveLength(1);
});

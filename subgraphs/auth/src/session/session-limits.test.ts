import { uuidv7 } from '@orion/platform/ids';
import { testViewer } from '@orion/platform/testing';
import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';
import { endOf, refreshAs, signedIn, signedInAgain } from '../testing/refresh-client.js';

const MOST = 3;

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth({ MAX_SESSIONS_PER_USER: String(MOST) });
});
afterAll(() => auth?.stop());

test('of more sessions than somebody may have, the one that was not used for longest ends', async () => {
  const email = 'crowded@example.com';
  const first = await signedIn(auth, email);
  const second = await signedInAgain(auth, email);
  await signedInAgain(auth, email);
  // The first one is used: it is not the oldest any more.
  expect((await refreshAs(auth, { refreshToken: first.refreshToken })).tokens).not.toBeNull();
  await signedInAgain(auth, email);
  expect(await endOf(auth, second.sessionId)).toBe('too-many-sessions');
  expect(await endOf(auth, first.sessionId)).toBeNull();
});

test('of many sign-ins at once never more sessions are left than somebody may have', async () => {
  const email = 'stampede@example.com';
  const { userId } = await signedIn(auth, email);
  await Promise.all(Array.from({ length: 8 }, () => auth.login(email)));
  const [{ alive } = { alive: -1 }] = await auth.sql<{ alive: number }>(
    'SELECT count(*)::int AS alive FROM sessions WHERE user_id = $1 AND revoked_at IS NULL',
    [userId],
  );
  expect(alive).toBe(MOST);
});

const LOOK = 'query ($id: ID!) { session(id: $id) { id ip userAgent: device { name } } }';

test('a session is shown to its owner, and without its address to those who read sessions but no addresses', async () => {
  const { viewer, sessionId } = await signedIn(auth, 'shown@example.com');
  const look = async (permissions: string[], who = testViewer({ permissions })) =>
    (await auth.query(LOOK, { variables: { id: sessionId }, viewer: who })).data.session;
  expect(await look([], viewer)).toMatchObject({ id: sessionId, ip: '127.0.0.1' });
  expect(await look([])).toBeNull();
  expect(await look(['session:read:own'])).toBeNull();
  expect(await look(['session:read:any'])).toMatchObject({ id: sessionId, ip: null });
  expect(await look(['session:read:any', 'user:read-pii:any'])).toMatchObject({ id: sessionId, ip: '127.0.0.1' });
});

test('references to sessions and security events give nothing to others', async () => {
  const { viewer, sessionId, userId } = await signedIn(auth, 'referred@example.com');
  const eventId = uuidv7();
  await auth.sql(
    "INSERT INTO security_events (id, user_id, type, severity) VALUES ($1, $2, 'PASSWORD_CHANGED', 'LOW')",
    [eventId, userId],
  );
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) {
    ... on Session { id } ... on SecurityEvent { id type } } }`;
  const of = [
    { __typename: 'Session', id: sessionId },
    { __typename: 'SecurityEvent', id: eventId },
  ];
  const as = async (who: typeof viewer | null) =>
    (await auth.query(query, { variables: { of }, viewer: who })).data._entities;
  expect(await as(null)).toEqual([null, null]);
  expect(await as(testViewer())).toEqual([null, null]);
  expect(await as(viewer)).toEqual([{ id: sessionId }, { id: eventId, type: 'PASSWORD_CHANGED' }]);
});

test('security events are listed by filter, page by page, and those of others with permission only', async () => {
  const { viewer, userId } = await signedIn(auth, 'listed@example.com');
  const ids = Array.from({ length: 5 }, () => uuidv7());
  for (const [index, id] of ids.entries())
    await auth.sql('INSERT INTO security_events (id, user_id, type, severity, ip) VALUES ($1, $2, $3, $4, $5)', [
      id,
      userId,
      index % 2 === 0 ? 'DEVICE_TRUSTED' : 'EMAIL_CHANGED',
      index === 4 ? 'HIGH' : 'LOW',
      '192.0.2.1',
    ]);
  const list = async (filter: object, permissions = ['security-event:read:any']) => {
    const { data, errors } = await auth.query(
      'query ($filter: SecurityEventFilter) { securityEvents(first: 2, filter: $filter) { nodes { id ip } pageInfo { hasNextPage } } }',
      { variables: { filter }, viewer: testViewer({ permissions }) },
    );
    return errors[0]?.extensions['code'] ?? data.securityEvents;
  };
  expect(await list({ userId, types: ['DEVICE_TRUSTED'] })).toEqual({
    nodes: [
      { id: ids[4], ip: null },
      { id: ids[2], ip: null },
    ],
    pageInfo: { hasNextPage: true },
  });
  expect(await list({ userId, severities: ['HIGH'] })).toMatchObject({ nodes: [{ id: ids[4] }] });
  expect(await list({ userId, occurredAfter: '2100-01-01T00:00:00Z' })).toMatchObject({ nodes: [] });
  expect(await list({ userId: "' OR 1=1" })).toMatchObject({ nodes: [] });
  expect(await list({ userId }, [])).toBe('FORBIDDEN');
  const own = await auth.query(
    'query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { securityEvents(first: 1) { nodes { id ip } } } } }',
    { variables: { of: [{ __typename: 'User', id: userId }] }, viewer },
  );
  expect(own.data._entities[0].securityEvents.nodes).toEqual([{ id: ids[4], ip: '192.0.2.1' }]);
});

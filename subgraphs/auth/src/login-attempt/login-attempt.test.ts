import { runSchedule, testViewer } from '@orion/platform/testing';
import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth?.stop());

const viewer = testViewer({ permissions: ['login-attempt:read:any'] });
const LIST = `query ($filter: LoginAttemptFilter, $first: Int, $after: String) {
  loginAttempts(filter: $filter, first: $first, after: $after) {
    nodes { method outcome reason ip userAgent deviceId user { id } } pageInfo { hasNextPage endCursor } } }`;
const list = async (filter: object | null, page: object = {}) =>
  (await auth.query(LIST, { viewer, variables: { filter, ...page } })).data.loginAttempts;

test('every attempt is written down with its outcome and its reason, which the client is not told', async () => {
  await auth.member('seen@example.com');
  await auth.register('unverified@example.com');
  const { tokens } = await auth.login('seen@example.com');
  await auth.login('seen@example.com', { password: 'wrong battery', deviceToken: tokens.deviceToken });
  for (let attempt = 0; attempt < 6; attempt += 1) await auth.login('seen@example.com', { password: 'wrong battery' });
  await auth.login('unverified@example.com');
  await auth.login('Nobody@example.com');
  await auth.login('no address');
  const { nodes } = await list({ email: 'SEEN@example.com' });
  const user = { id: tokens.user.id };
  const common = { method: 'PASSWORD', ip: '127.0.0.1', userAgent: 'test', user };
  expect(nodes).toEqual([
    { ...common, outcome: 'REFUSED', reason: 'LOCKED', deviceId: null },
    ...Array.from({ length: 5 }, () => ({ ...common, outcome: 'REFUSED', reason: 'WRONG_PASSWORD', deviceId: null })),
    { ...common, outcome: 'REFUSED', reason: 'WRONG_PASSWORD', deviceId: expect.any(String) },
    { ...common, outcome: 'SUCCEEDED', reason: null, deviceId: null },
  ]);
  expect((await list({ email: 'nobody@example.com' })).nodes).toEqual([
    { ...common, user: null, outcome: 'REFUSED', reason: 'UNKNOWN_ACCOUNT', deviceId: null },
  ]);
  expect((await list({ reason: 'EMAIL_NOT_VERIFIED' })).nodes).toHaveLength(1);
  // Of an address without an account there is its hash alone.
  expect(JSON.stringify(await auth.sql('SELECT to_jsonb(a) FROM login_attempts a'))).not.toContain('example.com');
});

test('the list is filtered and comes in pages', async () => {
  await auth.member('paged@example.com');
  const { tokens } = await auth.login('paged@example.com');
  await auth.login('paged@example.com', { password: 'wrong battery' });
  const filter = { userId: tokens.user.id };
  const first = await list(filter, { first: 1 });
  expect(first.nodes).toMatchObject([{ outcome: 'REFUSED' }]);
  const second = await list(filter, { first: 1, after: first.pageInfo.endCursor });
  expect(second.nodes).toMatchObject([{ outcome: 'SUCCEEDED' }]);
  expect(second.pageInfo.hasNextPage).toBe(false);
  expect((await list({ ...filter, outcome: 'SUCCEEDED', method: 'PASSWORD', ip: '127.0.0.1' })).nodes).toHaveLength(1);
  for (const nobody of [
    { userId: 'no id' },
    { ip: '192.0.2.1' },
    { ip: 'no address' },
    { ...filter, attemptedBefore: '2020-01-01T00:00:00Z' },
    { ...filter, method: 'PASSKEY' },
  ])
    expect((await list(nobody)).nodes).toEqual([]);
});

test('only who may read it reads it', async () => {
  const stranger = await auth.query(LIST, { viewer: testViewer() });
  expect(stranger.errors[0]?.extensions['code']).toBe('FORBIDDEN');
  expect((await auth.query(LIST)).errors[0]?.extensions['code']).toBe('UNAUTHENTICATED');
});

test('after 90 days an attempt is forgotten', async () => {
  await auth.sql("UPDATE login_attempts SET attempted_at = now() - interval '91 days' WHERE outcome = 'SUCCEEDED'");
  const [before] = await auth.sql<{ kept: string }>(
    "SELECT count(*) AS kept FROM login_attempts WHERE outcome <> 'SUCCEEDED'",
  );
  await runSchedule(auth.databaseUrl, 'upkeep');
  expect(await auth.sql('SELECT count(*) AS kept FROM login_attempts')).toEqual([before]);
});

import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { login, loginBy } from '../graph/factors.js';
import { createGraphClient, mailedToken, newcomer, signIn } from '../graph/index.js';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ mode: 'test', env: { LOGIN_FAILURES_PER_NETWORK: '60', HASH_CONCURRENCY: '1' } });
}, 60_000);
afterAll(() => platform?.stop());

const anonymous = () => createGraphClient(platform.url);
const guess = (email: string, extra: object = {}) =>
  loginBy(platform.url, 'login', { email, password: 'wrong battery', ...extra });
const LIST = `query ($filter: LoginAttemptFilter) {
  loginAttempts(filter: $filter, first: 20) { nodes { outcome reason ip user { id displayName } } } }`;

test('ID-08 ID-09: an account rests after wrong passwords, its owner is told, and gets in where they are known', async () => {
  const owner = await newcomer(platform.url, { name: 'Resting' });
  const { tokens } = await login(platform.url, 'resting@example.com');
  for (let attempt = 0; attempt < 6; attempt += 1) await guess('resting@example.com');
  const refused = await login(platform.url, 'resting@example.com');
  expect(refused).toEqual(await guess('nobody-here@example.com'));
  expect(refused.userErrors[0]?.code).toBe('INVALID_CREDENTIALS');
  const deviceToken = tokens?.deviceToken ?? null;
  expect((await login(platform.url, 'resting@example.com', { deviceToken })).tokens).not.toBeNull();
  const notices = await eventually(async () => {
    const { data } = await owner.client.query('{ me { notifications(first: 20) { nodes { title } } } }');
    const titles: string[] = data.me.notifications.nodes.map(({ title }: { title: string }) => title);
    return titles.includes('Your account rests after wrong passwords') && titles;
  });
  expect(notices.filter((title) => title === 'Your account rests after wrong passwords')).toHaveLength(1);
  const token = await mailedToken(anonymous(), { email: 'resting@example.com', page: 'unlock-account' });
  expect((await fetch(new URL(`/unlock-account?token=${token}`, platform.url))).status).toBe(200);
  expect((await login(platform.url, 'resting@example.com')).tokens).toBeNull();
  const unlocked = await anonymous().query(
    'mutation ($t: String!) { unlockAccount(input: { token: $t }) { unlocked userErrors { code } } }',
    { t: token },
  );
  expect(unlocked.data.unlockAccount).toEqual({ unlocked: true, userErrors: [] });
  expect((await login(platform.url, 'resting@example.com')).tokens).not.toBeNull();
});

test('operators see every attempt with its reason; others see none', async () => {
  const person = await newcomer(platform.url, { name: 'Watched' });
  await guess('watched@example.com');
  const admin = await signIn(platform.url, { email: 'admin@orion.test', password: 'orion-demo' });
  const { data } = await admin.client.query(LIST, { filter: { userId: person.userId } });
  const user = { id: person.userId, displayName: 'Watched' };
  expect(data.loginAttempts.nodes).toEqual([
    { outcome: 'REFUSED', reason: 'WRONG_PASSWORD', ip: expect.any(String), user },
    { outcome: 'SUCCEEDED', reason: null, ip: expect.any(String), user },
  ]);
  const stranger = await person.client.query(LIST, { filter: { userId: person.userId } });
  expect(stranger.errors[0]?.extensions['code']).toBe('FORBIDDEN');
});

test('ID-05: a thousand logins in one request check no password', async () => {
  const admin = await signIn(platform.url, { email: 'admin@orion.test', password: 'orion-demo' });
  const aliases = Array.from(
    { length: 1_000 },
    (_, index) =>
      `a${index}: login(input: { email: "bomb@example.com", password: "guess ${index}" }) { userErrors { code } }`,
  );
  const { errors } = await anonymous().query(`mutation { ${aliases.join(' ')} }`);
  expect(errors.length).toBeGreaterThan(0);
  const { data } = await admin.client.query(LIST, { filter: { email: 'bomb@example.com' } });
  expect(data.loginAttempts.nodes).toEqual([]);
});

test('ID-10 ID-16: a spray of logins is stopped, everybody else is answered meanwhile, and operators hear of it', async () => {
  const admin = await signIn(platform.url, { email: 'admin@orion.test', password: 'orion-demo' });
  const { deviceToken = null } = (await login(platform.url, 'resting@example.com')).tokens ?? {};
  const events = await admin.client.subscribe('subscription { securityEventStream { type severity } }');
  const codes: unknown[] = [];
  const spray = Array.from({ length: 150 }, async (_, index) => {
    const { data, errors } = await anonymous().query(
      'mutation ($input: LoginInput!) { login(input: $input) { userErrors { code } } }',
      { input: { email: `spray-${index}@example.com`, password: 'correct horse battery' } },
    );
    codes.push(errors[0]?.extensions['code'] ?? data.login.userErrors[0].code);
  });
  // `me` goes on while one core hashes what it is given.
  for (let round = 0; round < 5; round += 1) {
    expect((await admin.client.query('{ me { id } }')).data.me).toEqual({ id: admin.userId });
  }
  expect(codes.length).toBeLessThan(150);
  await Promise.all(spray);
  expect(new Set(codes)).toEqual(new Set(['INVALID_CREDENTIALS', 'RATE_LIMITED']));
  expect(codes.filter((code) => code === 'INVALID_CREDENTIALS').length).toBeLessThanOrEqual(60);
  const told = async (): Promise<void> => {
    const { data } = await events.next();
    if (data.securityEventStream.type !== 'CREDENTIAL_STUFFING_SUSPECTED') return told();
    expect(data.securityEventStream.severity).toBe('HIGH');
  };
  await told();
  await events.stop();
  expect((await login(platform.url, 'resting@example.com', { deviceToken })).tokens).not.toBeNull();
});

import { permissionsChanged } from '@orion/platform/event-contracts';
import { openTestBus, testViewer } from '@orion/platform/testing';
import type { TestBus } from '@orion/platform/testing';
import { decodeJwt } from 'jose';
import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';
import { endOf, refreshAs, signedIn } from '../testing/refresh-client.js';

let auth: AuthFixture;
let bus: TestBus;
beforeAll(async () => {
  auth = await startAuth();
  bus = await openTestBus(auth, { group: 'auth' });
});
afterAll(async () => {
  await bus?.stop();
  await auth?.stop();
});

const OPERATOR = ['user:lock:any', 'session:revoke:any', 'password:reset:any', 'mfa:reset:any', 'user:impersonate:any'];

async function person(email: string, { level = 0, permissions = [] as string[], version = 1 } = {}) {
  const signed = await signedIn(auth, email);
  await bus.taken(await bus.deliver(permissionsChanged.of({ userId: signed.userId, permissions, version, level })));
  return { ...signed, viewer: { ...signed.viewer, permissions } };
}
const operator = (email: string, level = 90) => person(email, { level, permissions: OPERATOR });

type Viewer = ReturnType<typeof testViewer>;
const inputOf = (mutation: string) => `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
async function act(
  mutation: string,
  userId: string,
  viewer: Viewer,
  { fields = 'user { id }', ...more }: { readonly fields?: string; readonly everything?: boolean } = {},
) {
  const { data, errors } = await auth.query(
    `mutation ($input: ${inputOf(mutation)}!) { it: ${mutation}(input: $input) { ${fields} userErrors { code path } } }`,
    { variables: { input: { userId, reason: 'asked by phone, ticket 17', ...more } }, viewer },
  );
  expect(errors).toEqual([]);
  return data.it;
}
const done = (userId: string) => ({ user: { id: userId }, userErrors: [] });

async function lastEvent(userId: string) {
  const [event] = await auth.sql(
    'SELECT type FROM security_events WHERE user_id = $1 ORDER BY occurred_at DESC, id DESC LIMIT 1',
    [userId],
  );
  return event;
}

test('an operator locks somebody out and lets them in again', async () => {
  const { viewer } = await operator('op-lock@example.com');
  const target = await person('locked@example.com');
  expect(await act('adminLockUser', target.userId, viewer)).toEqual(done(target.userId));
  expect(await endOf(auth, target.sessionId)).toBe('account-disabled');
  expect((await auth.login('locked@example.com')).userErrors[0].code).toBe('ACCOUNT_DISABLED');
  expect(await lastEvent(target.userId)).toEqual({ type: 'ACCOUNT_DISABLED' });
  expect((await act('adminLockUser', target.userId, viewer)).userErrors[0].code).toBe('NOTHING_TO_DO');
  expect(await act('adminUnlockUser', target.userId, viewer)).toEqual(done(target.userId));
  expect((await auth.login('locked@example.com')).tokens).not.toBeNull();
});

test('an operator ends all sessions of somebody', async () => {
  const { viewer } = await operator('op-sessions@example.com');
  const target = await person('ended@example.com');
  await auth.login('ended@example.com');
  const answer = await act('adminRevokeSessions', target.userId, viewer, { fields: 'revokedSessions' });
  expect(answer).toEqual({ revokedSessions: 2, userErrors: [] });
  expect((await refreshAs(auth, { refreshToken: target.refreshToken })).tokens).toBeNull();
});

test('an operator makes a password unusable; its owner sets another one with what is mailed', async () => {
  const { viewer } = await operator('op-password@example.com');
  const target = await person('reset@example.com');
  expect(await act('adminForcePasswordReset', target.userId, viewer)).toEqual(done(target.userId));
  expect((await auth.login('reset@example.com')).userErrors[0].code).toBe('INVALID_CREDENTIALS');
  expect(await endOf(auth, target.sessionId)).toBe('administrator');
  expect(
    await auth.sql('SELECT 1 FROM password_resets WHERE user_id = $1 AND consumed_at IS NULL', [target.userId]),
  ).toHaveLength(1);
  expect(await lastEvent(target.userId)).toEqual({ type: 'PASSWORD_RESET_REQUIRED' });
});

test('an operator takes away a second factor that somebody lost', async () => {
  const { viewer } = await operator('op-factor@example.com');
  const target = await person('factor@example.com');
  expect((await act('adminResetTwoFactor', target.userId, viewer)).userErrors[0].code).toBe('NOTHING_TO_DO');
  await auth.sql(
    "INSERT INTO two_factor_auth (user_id, method, secret_sealed, confirmed_at) VALUES ($1, 'TOTP', 'x', now())",
    [target.userId],
  );
  expect(await act('adminResetTwoFactor', target.userId, viewer)).toEqual(done(target.userId));
  expect(await lastEvent(target.userId)).toEqual({ type: 'TWO_FACTOR_DISABLED' });
});

test('an operator takes away every way in that a thief may have added', async () => {
  const { viewer } = await operator('op-thief@example.com');
  const target = await person('robbed@example.com');
  await auth.sql(
    `INSERT INTO oauth_providers (id, user_id, provider, issuer, subject, email_verified)
     VALUES (gen_random_uuid(), $1, 'GITHUB', 'https://provider.example', 'of-the-thief', false)`,
    [target.userId],
  );
  expect((await act('adminResetTwoFactor', target.userId, viewer)).userErrors[0].code).toBe('NOTHING_TO_DO');
  expect(await act('adminResetTwoFactor', target.userId, viewer, { everything: true })).toEqual(done(target.userId));
  expect(await auth.sql('SELECT 1 FROM oauth_providers WHERE user_id = $1', [target.userId])).toEqual([]);
});

const MUTATIONS = [
  'adminLockUser',
  'adminUnlockUser',
  'adminRevokeSessions',
  'adminForcePasswordReset',
  'adminResetTwoFactor',
  'adminImpersonate',
] as const;

test.each(MUTATIONS)(
  'ID-90: %s does nothing to somebody of the same level or above, to oneself, or to nobody',
  async (mutation) => {
    const name = mutation.toLowerCase();
    const [lower, same, higher] = [
      await operator(`lower-${name}@example.com`, 50),
      await person(`same-${name}@example.com`, { level: 50 }),
      await person(`higher-${name}@example.com`, { level: 51 }),
    ];
    for (const userId of [same.userId, higher.userId, lower.userId]) {
      const { userErrors } = await act(mutation, userId, lower.viewer);
      expect(userErrors).toEqual([{ code: 'USER_NOT_BELOW_YOU', path: ['input', 'userId'] }]);
    }
    for (const userId of [testViewer().userId, 'nonsense'])
      expect((await act(mutation, userId, lower.viewer)).userErrors[0].code).toBe('USER_NOT_FOUND');
    expect(await endOf(auth, higher.sessionId)).toBeNull();
  },
);

test.each(MUTATIONS)(
  '%s needs its permission, a recent proof, a session that is alive and a reason',
  async (mutation) => {
    const name = mutation.toLowerCase();
    const { viewer } = await operator(`guard-${name}@example.com`);
    const target = await person(`guarded-${name}@example.com`);
    const ask = async (changes: Partial<Viewer>, reason = 'why') => {
      const { data, errors } = await auth.query(
        `mutation ($input: ${inputOf(mutation)}!) { it: ${mutation}(input: $input) { userErrors { code } } }`,
        { variables: { input: { userId: target.userId, reason } }, viewer: { ...viewer, ...changes } },
      );
      return errors[0]?.extensions['code'] ?? data.it.userErrors[0]?.code;
    };
    expect(await ask({ permissions: OPERATOR.map((key) => key.replace(':any', ':own')) })).toBe('FORBIDDEN');
    expect(await ask({ authenticatedAt: 0 })).toBe('STEP_UP_REQUIRED');
    expect(await ask({ kind: 'api-key' })).toBe('FORBIDDEN');
    expect(await ask({ impersonatorId: testViewer().userId })).toBe('FORBIDDEN');
    expect(await ask({ sessionId: testViewer().sessionId })).toBe('UNAUTHENTICATED');
    expect(await ask({}, ' ')).toBe('REASON_INVALID');
    expect(await ask({}, 'x'.repeat(501))).toBe('REASON_INVALID');
  },
);

async function impersonate(userId: string, viewer: Viewer) {
  const answer = await act('adminImpersonate', userId, viewer, { fields: 'accessToken expiresAt' });
  const claims = decodeJwt<{ sid: string; act: { sub: string }; permissions: string[] }>(answer.accessToken);
  return { claims, token: answer.accessToken as string, expiresAt: answer.expiresAt as string };
}
const isOver = async (id: string) =>
  (await auth.sql<{ over: boolean }>('SELECT ended_at IS NOT NULL AS over FROM impersonations WHERE id = $1', [id]))[0]
    ?.over;

test('ID-90: an impersonation says who acts, for half an hour, with no more than both may do, and its owner is told', async () => {
  const { viewer } = await operator('op-look@example.com');
  const target = await person('looked@example.com', { permissions: ['report:read:any', 'user:lock:any'] });
  const { claims, expiresAt } = await impersonate(target.userId, viewer);
  expect(claims).toMatchObject({ sub: target.userId, act: { sub: viewer.userId }, permissions: ['user:lock:any'] });
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(1_800);
  expect(Date.parse(expiresAt)).toBe((claims.exp ?? 0) * 1_000);
  expect(await lastEvent(target.userId)).toEqual({ type: 'IMPERSONATION_STARTED' });
  const asTarget = { ...target.viewer, sessionId: claims.sid, impersonatorId: viewer.userId };
  const { data } = await auth.query(
    '{ tokenInfo { active isImpersonated actor { id } } mySessions { nodes { isCurrent } } }',
    { viewer: asTarget },
  );
  expect(data.tokenInfo).toEqual({ active: true, isImpersonated: true, actor: { id: viewer.userId } });
  expect(data.mySessions.nodes).toEqual([{ isCurrent: false }]);
  const ended = await auth.query('mutation { endImpersonation { ended } }', { viewer: asTarget });
  expect(ended.data.endImpersonation).toEqual({ ended: true });
  expect(await lastEvent(target.userId)).toEqual({ type: 'IMPERSONATION_ENDED' });
  const after = await auth.query('{ tokenInfo { active } }', { viewer: asTarget });
  expect(after.data.tokenInfo.active).toBe(false);
});

test('ID-90: an impersonation ends with the session that it was asked for in, and is never longer', async () => {
  const { viewer } = await operator('op-leaves@example.com');
  const target = await person('left@example.com');
  await auth.sql("UPDATE sessions SET expires_at = now() + interval '5 minutes' WHERE id = $1", [viewer.sessionId]);
  const { claims } = await impersonate(target.userId, viewer);
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBeLessThanOrEqual(300);
  await auth.query('mutation { logout { revokedSessions } }', { viewer });
  expect(await isOver(claims.sid)).toBe(true);
});

test('ID-90: who may not impersonate any more does not go on doing it', async () => {
  const { viewer } = await operator('op-demoted@example.com');
  const target = await person('spared@example.com');
  const { claims } = await impersonate(target.userId, viewer);
  const demotion = permissionsChanged.of({ userId: viewer.userId, permissions: [], version: 2, level: 0 });
  await bus.taken(await bus.deliver(demotion));
  expect(await isOver(claims.sid)).toBe(true);
});

test('ID-90: nobody who is impersonated changes anything', async () => {
  const { viewer } = await operator('op-reads@example.com');
  const target = await person('unchanged@example.com');
  const { claims } = await impersonate(target.userId, viewer);
  const asTarget = { ...target.viewer, permissions: OPERATOR, sessionId: claims.sid, impersonatorId: viewer.userId };
  for (const mutation of [
    'logout { revokedSessions }',
    `revokeSession(input: { id: "${target.sessionId}" }) { session { id } }`,
    'rotateSigningKeys { keyId }',
    'unlinkOAuthAccount(input: { id: "x" }) { unlinkedId }',
    'startOAuth(input: { provider: GOOGLE, redirectUri: "x", intent: LINK }) { state }',
  ]) {
    const { errors } = await auth.query(`mutation { ${mutation} }`, { viewer: asTarget });
    expect(errors[0]?.extensions['code']).toBe('FORBIDDEN');
  }
  expect(await endOf(auth, target.sessionId)).toBeNull();
});

import {
  permissionsChanged,
  roleAssigned,
  roleRevoked,
  userDeleted,
  userReactivated,
  userSuspended,
} from '@orion/platform/event-contracts';
import type { PendingEvent } from '@orion/platform/events';
import { openTestBus } from '@orion/platform/testing';
import type { TestBus } from '@orion/platform/testing';
import { decodeJwt } from 'jose';
import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';
import { endOf, refreshAs, signedIn, signedInAgain } from '../testing/refresh-client.js';

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

async function deliver(event: PendingEvent): Promise<void> {
  await bus.taken(await bus.deliver(event));
}

async function refreshed(refreshToken: string) {
  const { tokens } = await refreshAs(auth, { refreshToken });
  if (tokens === null) throw new Error('refused');
  return { ...tokens, claims: decodeJwt(tokens.accessToken) };
}

const RULE = {
  id: 'rule',
  effect: 'deny',
  permission: 'report:read:any',
  condition: { ip: { in: ['10.0.0.0/8'] } },
} as const;

test('ID-37: after a change of roles the next refresh has the new claims, and an older announcement changes nothing', async () => {
  const { userId, refreshToken, accessToken } = await signedIn(auth, 'promoted@example.com');
  expect(decodeJwt(accessToken)).toMatchObject({ permissions: [], pv: 0 });
  const expiries = { 'report:read:any': 2_000_000_000 };
  const permissions = ['report:read:any', 'role:read:any'];
  await deliver(roleAssigned.of({ userId, role: 'R', permissions, version: 3, level: 40, expiries, rules: [RULE] }));
  const first = await refreshed(refreshToken);
  expect(first.claims).toMatchObject({ permissions, pv: 3, pexp: expiries, prules: [RULE] });
  await deliver(permissionsChanged.of({ userId, permissions: ['a:b:any'], version: 2 }));
  const second = await refreshed(first.refreshToken);
  expect(second.claims).toMatchObject({ permissions, pv: 3 });
  await deliver(roleRevoked.of({ userId, role: 'R', permissions: [], version: 4 }));
  const third = await refreshed(second.refreshToken);
  expect(third.claims).toMatchObject({ permissions: [], pv: 4 });
  expect(third.claims).not.toHaveProperty('pexp');
  expect(third.claims).not.toHaveProperty('prules');
  // Not told: it stays.
  expect(await auth.sql('SELECT level FROM credentials WHERE user_id = $1', [userId])).toEqual([{ level: 40 }]);
});

test('ID-37: who is suspended gets no tokens by any grant, and all sessions end; afterwards they sign in again', async () => {
  const email = 'suspended@example.com';
  const here = await signedIn(auth, email);
  const there = await signedInAgain(auth, email);
  await deliver(userSuspended.of({ userId: here.userId }));
  for (const { refreshToken, sessionId } of [here, there]) {
    expect((await refreshAs(auth, { refreshToken })).tokens).toBeNull();
    expect(await endOf(auth, sessionId)).toBe('account-disabled');
  }
  expect(await auth.login(email)).toMatchObject({ tokens: null, userErrors: [{ code: 'ACCOUNT_DISABLED' }] });
  expect((await auth.login(email, { password: 'wrong password' })).userErrors[0].code).toBe('INVALID_CREDENTIALS');
  await deliver(userReactivated.of({ userId: here.userId }));
  expect((await auth.login(email)).tokens).not.toBeNull();
  expect((await refreshAs(auth, { refreshToken: here.refreshToken })).tokens).toBeNull();
});

test('ID-37: of who is deleted nothing lets anybody in, nothing tells who it was, and the address is free', async () => {
  const email = 'deleted@example.com';
  const { userId, refreshToken, deviceToken } = await signedIn(auth, email);
  await auth.sql(
    `INSERT INTO oauth_providers (id, user_id, provider, issuer, subject, email, email_verified)
     VALUES (gen_random_uuid(), $1, 'GOOGLE', 'https://issuer.example', 'subject', $2, true)`,
    [userId, email],
  );
  await deliver(userDeleted.of({ userId }));
  expect((await refreshAs(auth, { refreshToken, deviceToken })).tokens).toBeNull();
  expect((await auth.login(email)).userErrors[0].code).toBe('INVALID_CREDENTIALS');
  const { data } = await auth.query(
    'query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { id } } }',
    { variables: { of: [{ __typename: 'User', id: userId }] } },
  );
  expect(data._entities).toEqual([null]);
  const columns = await auth.sql<{ table_name: string }>(
    `SELECT table_name FROM information_schema.columns
      WHERE column_name = 'user_id' AND table_schema = current_schema()`,
  );
  const left: string[] = [];
  for (const { table_name: table } of columns) {
    const rows = await auth.sql(`SELECT 1 FROM ${table} WHERE user_id = $1`, [userId]);
    if (rows.length > 0) left.push(table);
  }
  // The account says that it is gone, and for as long as tokens of it live the sessions that ended are remembered.
  expect(left.toSorted()).toEqual(['credentials', 'session_blacklist']);
  const [account] = await auth.sql<{ row: string }>(
    'SELECT row_to_json(c)::text AS row FROM credentials c WHERE user_id = $1',
    [userId],
  );
  expect(account?.row).not.toMatch(/example\.com|argon2|Alice/);
  await auth.member(email);
  expect((await auth.login(email)).tokens.user.id).not.toBe(userId);
});

test('a suspension does not take back what an operator locked, nor the other way round', async () => {
  const { userId } = await signedIn(auth, 'twice@example.com');
  const status = async () =>
    (await auth.sql<{ status: string }>('SELECT status FROM credentials WHERE user_id = $1', [userId]))[0]?.status;
  await auth.sql("UPDATE credentials SET locked_by_operator_at = now(), status = 'DISABLED' WHERE user_id = $1", [
    userId,
  ]);
  await deliver(userSuspended.of({ userId }));
  await deliver(userReactivated.of({ userId }));
  expect(await status()).toBe('DISABLED');
});

import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { createGraphClient, newcomer, newcomerPassword, signIn } from '../graph/index.js';
import type { GraphClient, SignedIn } from '../graph/index.js';

let platform: Platform;
let url: string;
let admin: SignedIn;

beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
  ({ url } = platform);
  // What the administrator may do, and above whom they are, comes by an event after the first start.
  admin = await eventually(async () => {
    const signed = await signIn(url, { email: 'admin@orion.test', password: 'orion-demo' });
    const { data } = await signed.client.query('{ tokenInfo { permissions } }');
    return data.tokenInfo.permissions.includes('user:impersonate:any') && signed;
  });
}, 60_000);
afterAll(() => platform?.stop());

const inputOf = (mutation: string) => `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;

async function act(mutation: string, userId: string, { client = admin.client, fields = 'user { id }' } = {}) {
  const { data, errors } = await client.query(
    `mutation ($input: ${inputOf(mutation)}!) { it: ${mutation}(input: $input) { ${fields} userErrors { code } } }`,
    { input: { userId, reason: 'asked by phone' } },
  );
  expect(errors).toEqual([]);
  return data.it;
}

const isRefused = async (client: GraphClient) =>
  (await client.query('{ me { id } }')).errors[0]?.extensions['code'] === 'UNAUTHENTICATED';
const loginOf = async (name: string, password = newcomerPassword) => {
  const { data } = await createGraphClient(url).query(
    'mutation ($input: LoginInput!) { login(input: $input) { tokens { accessToken } userErrors { code } } }',
    { input: { email: `${name.toLowerCase()}@example.com`, password } },
  );
  return data.login;
};

test('an administrator locks somebody out, lets them in again and ends their sessions; all of it is audited', async () => {
  const nora = await newcomer(url, { name: 'Nora' });
  const stream = await admin.client.subscribe(
    `subscription ($filter: SecurityEventFilter) { securityEventStream(filter: $filter) { type user { id } } }`,
    { filter: { userId: nora.userId, types: ['ACCOUNT_DISABLED', 'ACCOUNT_ENABLED', 'SESSIONS_REVOKED'] } },
  );
  expect(await act('adminLockUser', nora.userId)).toEqual({ user: { id: nora.userId }, userErrors: [] });
  await eventually(() => isRefused(nora.client));
  expect((await loginOf('Nora')).userErrors).toEqual([{ code: 'ACCOUNT_DISABLED' }]);
  await act('adminUnlockUser', nora.userId);
  const back = await signIn(url, { email: 'nora@example.com', password: newcomerPassword });
  expect(await act('adminRevokeSessions', nora.userId, { fields: 'revokedSessions' })).toEqual({
    revokedSessions: 1,
    userErrors: [],
  });
  await eventually(() => isRefused(back.client));
  for (const type of ['ACCOUNT_DISABLED', 'ACCOUNT_ENABLED', 'SESSIONS_REVOKED'])
    expect((await stream.next()).data.securityEventStream).toEqual({ type, user: { id: nora.userId } });
  await stream.stop();
  const listed = await admin.client.query(
    'query ($filter: SecurityEventFilter) { securityEvents(filter: $filter, first: 10) { nodes { type } } }',
    { filter: { userId: nora.userId, types: ['ACCOUNT_DISABLED', 'SESSIONS_REVOKED'] } },
  );
  expect(listed.data.securityEvents.nodes).toEqual([{ type: 'SESSIONS_REVOKED' }, { type: 'ACCOUNT_DISABLED' }]);
  const logs = await eventually(async () => {
    const { data } = await admin.client.query(
      `query ($id: String!) { auditLogs(first: 10, filter: { action: "security.account_disabled", targetId: $id }) {
        nodes { reason actor { id } } } }`,
      { id: nora.userId },
    );
    return data.auditLogs.nodes.length > 0 && data.auditLogs.nodes;
  });
  expect(logs).toEqual([{ reason: 'asked by phone', actor: { id: admin.userId } }]);
}, 60_000);

test('an administrator makes a password unusable, and its owner sets another one with the mail', async () => {
  const paul = await newcomer(url, { name: 'Paul' });
  await act('adminForcePasswordReset', paul.userId);
  await eventually(() => isRefused(paul.client));
  expect((await loginOf('Paul')).userErrors).toEqual([{ code: 'INVALID_CREDENTIALS' }]);
  const token = await eventually(async () => {
    const { data } = await createGraphClient(url).query(
      '{ capturedMessages(recipient: "paul@example.com", first: 10) { nodes { text } } }',
    );
    const texts: string[] = data.capturedMessages.nodes.map(({ text }: { text: string }) => text);
    return texts.map((text) => /reset[^\s]*token=([\w-]+)/.exec(text)?.[1]).find((found) => found !== undefined);
  });
  const password = 'an entirely new horse';
  const { data } = await createGraphClient(url).query(
    'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { reset userErrors { code } } }',
    { input: { token, newPassword: password } },
  );
  expect(data.resetPassword).toEqual({ reset: true, userErrors: [] });
  expect((await loginOf('Paul', password)).tokens).not.toBeNull();
}, 60_000);

test('ID-90: an administrator sees what somebody sees, with a banner, changes nothing, and they are told', async () => {
  const quinn = await newcomer(url, { name: 'Quinn' });
  const live = await quinn.client.subscribe('subscription { securityEventAdded { type } }');
  const { accessToken } = await act('adminImpersonate', quinn.userId, { fields: 'accessToken expiresAt' });
  const asQuinn = createGraphClient(url, { token: accessToken });
  expect((await live.next()).data.securityEventAdded.type).toBe('IMPERSONATION_STARTED');
  const seen = await asQuinn.query(
    '{ me { id displayName email } tokenInfo { isImpersonated active actor { id displayName } } }',
  );
  expect(seen.errors).toEqual([]);
  expect(seen.data).toEqual({
    me: { id: quinn.userId, displayName: 'Quinn', email: 'quinn@example.com' },
    tokenInfo: { isImpersonated: true, active: true, actor: { id: admin.userId, displayName: 'Admin' } },
  });
  for (const mutation of [
    'logout { revokedSessions }',
    'changePassword(input: { currentPassword: "x", newPassword: "y" }) { userErrors { code } }',
    'createApiKey(input: { name: "x", scopes: [] }) { secret }',
    `adminImpersonate(input: { userId: "${admin.userId}", reason: "x" }) { accessToken }`,
  ]) {
    const { errors } = await asQuinn.query(`mutation { ${mutation} }`);
    expect(errors[0]?.extensions['code']).toBe('FORBIDDEN');
  }
  const users = await asQuinn.query('{ users(first: 5) { nodes { id } } }');
  expect(users.errors[0]?.extensions['code']).toBe('FORBIDDEN');
  const ended = await asQuinn.query('mutation { endImpersonation { ended userErrors { code } } }');
  expect(ended.data.endImpersonation).toEqual({ ended: true, userErrors: [] });
  await eventually(() => isRefused(asQuinn));
  expect((await live.next()).data.securityEventAdded.type).toBe('IMPERSONATION_ENDED');
  expect((await quinn.client.query('{ me { id } }')).data.me.id).toBe(quinn.userId);
  await live.stop();
}, 60_000);

test('ID-90: nobody impersonates somebody of their level, and it ends with the session of the administrator', async () => {
  expect((await act('adminImpersonate', admin.userId, { fields: 'accessToken' })).userErrors).toEqual([
    { code: 'USER_NOT_BELOW_YOU' },
  ]);
  const ruth = await newcomer(url, { name: 'Ruth' });
  const second = await signIn(url, { email: 'admin@orion.test', password: 'orion-demo' });
  const { accessToken } = await act('adminImpersonate', ruth.userId, { client: second.client, fields: 'accessToken' });
  const asRuth = createGraphClient(url, { token: accessToken });
  expect((await asRuth.query('{ me { id } }')).data.me.id).toBe(ruth.userId);
  await second.client.query('mutation { logout { revokedSessions } }');
  await eventually(() => isRefused(asRuth));
  const { errors } = await ruth.client.query(
    `mutation { adminImpersonate(input: { userId: "${admin.userId}", reason: "x" }) { accessToken } }`,
  );
  expect(errors[0]?.extensions['code']).toBe('FORBIDDEN');
}, 60_000);

test('security events of others are not to be read, nor listened to', async () => {
  const sina = await newcomer(url, { name: 'Sina' });
  const { errors } = await sina.client.query('{ securityEvents(first: 1) { nodes { id } } }');
  expect(errors[0]?.extensions['code']).toBe('FORBIDDEN');
  const stream = await sina.client.subscribe('subscription { securityEventStream { id } }');
  const answer = await stream.next().catch((error: unknown) => String(error));
  expect(JSON.stringify(answer)).toContain('FORBIDDEN');
}, 60_000);

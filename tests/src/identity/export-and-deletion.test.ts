import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import pg from 'pg';
import { createGraphClient, newcomer, newcomerPassword, signIn } from '../graph/index.js';
import type { SignedIn } from '../graph/index.js';

let platform: Platform;
let admin: SignedIn;
beforeAll(async () => {
  // At once, so that the end of the days of grace need not be waited for; these are tested in the subgraph.
  platform = await startPlatform({ mode: 'test', env: { ACCOUNT_DELETION_DAYS: '0' } });
  admin = await signIn(platform.url, { email: 'admin@orion.test', password: 'orion-demo' });
}, 60_000);
afterAll(() => platform?.stop());

const REQUEST = 'mutation { requestDataExport { dataExport { id status } userErrors { code } } }';
const READ = 'query ($id: ID!) { dataExport(id: $id) { status readyAt expiresAt content } }';
const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { tokens { accessToken } userErrors { code } } }';

async function rowsAbout(service: string, userId: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: platform.databaseUrls[service] });
  await client.connect();
  try {
    const { rows } = await client.query<{ table_name: string; column_name: string }>(
      `SELECT column_row.table_name, column_row.column_name FROM information_schema.columns column_row
         JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND data_type = 'uuid'
          AND column_row.column_name IN ('user_id', 'recipient_id', 'actor_id', 'owner_id')`,
    );
    const found: string[] = [];
    for (const { table_name: table, column_name: column } of rows) {
      const { rowCount } = await client.query(`SELECT 1 FROM ${table} WHERE ${column} = $1 LIMIT 1`, [userId]);
      if (rowCount === 1) found.push(table);
    }
    return [...new Set(found)].toSorted();
  } finally {
    await client.end();
  }
}

test('ID-88: before somebody goes they get all that is known of them, of every service', async () => {
  const { client, userId, sessionId } = await newcomer(platform.url, { name: 'Leaver1' });
  await client.query(
    'mutation { updateProfile(input: { bio: "what I said" }) { userErrors { code } } updatePreferences(input: { namespace: "console", data: { theme: "dark" } }) { userErrors { code } } }',
  );
  await client.query(
    `mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { results { status } userErrors { code } } }`,
    { input: { events: [{ id: crypto.randomUUID(), name: 'page_viewed', occurredAt: new Date().toISOString() }] } },
  );
  // Until what others tell of the sign-in has arrived, the copy would be complete and lack it.
  await eventually(async () => {
    const { data } = await client.query(
      '{ me { activity(first: 5) { nodes { kind } } notifications(first: 5) { nodes { id } } } }',
    );
    return data.me.activity.nodes.some(({ kind }: { kind: string }) => kind === 'SIGNED_IN');
  });
  await eventually(async () => (await rowsAbout('analytics', userId)).includes('events'));
  const requested = await client.query(REQUEST);
  expect(requested.errors).toEqual([]);
  const { id } = requested.data.requestDataExport.dataExport;
  const copy = await eventually(async () => {
    const { data, errors } = await client.query(READ, { id });
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
    return data.dataExport.status === 'READY' && data.dataExport;
  });
  const { content } = copy;
  expect(Object.keys(content).toSorted()).toEqual(['analytics', 'auth', 'notification', 'user']);
  expect(content.user).toMatchObject({
    users: [{ id: userId, display_name: 'Leaver1', email: 'leaver1@example.com', bio: 'what I said' }],
    user_preferences: [{ namespace: 'console', data: { theme: 'dark' } }],
    user_roles: [{ role: 'MEMBER' }],
    activity: expect.arrayContaining([expect.objectContaining({ kind: 'SIGNED_IN' })]),
    audit_logs: expect.arrayContaining([expect.objectContaining({ action: 'preferences.updated' })]),
  });
  expect(content.auth).toMatchObject({
    credentials: [{ email: 'leaver1@example.com', has_password: true }],
    sessions: [expect.objectContaining({ id: sessionId })],
  });
  expect(content.auth.devices).toHaveLength(1);
  expect(content.notification).toMatchObject({
    recipients: [{ email: 'leaver1@example.com' }],
    mails: expect.arrayContaining([expect.objectContaining({ recipient: 'leaver1@example.com' })]),
  });
  expect(content.analytics.events).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'user.login' })]));
  // Nothing in it opens anything.
  expect(JSON.stringify(content)).not.toMatch(/argon2|\$2[aby]\$|_hash"|sealed"|"v[12]\.[A-Za-z0-9_-]{20}/);
  // It is for nobody else.
  expect((await admin.client.query(READ, { id })).data.dataExport).toBeNull();
});

test('ID-88: who is deleted is gone from every service, and cannot come back in', async () => {
  const leaver = await newcomer(platform.url, { name: 'Leaver2' });
  const { client, userId } = leaver;
  const key = await client.query(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret userErrors { code } } }',
    { input: { name: 'mine', scopes: ['user:read-pii:own'] } },
  );
  const secret = key.data?.createApiKey?.secret ?? null;
  expect(typeof secret).toBe('string');
  const withKey = createGraphClient(platform.url, { token: String(secret) });
  expect((await withKey.query('{ me { id } }')).data).toEqual({ me: { id: userId } });
  await eventually(async () => (await rowsAbout('analytics', userId)).includes('events'));
  const asked = await client.query('mutation { requestAccountDeletion { dueAt userErrors { code } } }');
  expect(asked.errors).toEqual([]);
  expect(asked.data.requestAccountDeletion.userErrors).toEqual([]);
  // Session and key.
  await eventually(async () => (await client.query('{ me { id } }')).status === 401);
  await eventually(async () => (await withKey.query('{ me { id } }')).status === 401);
  // Sign-in: as if there had never been an account.
  const anonymous = createGraphClient(platform.url);
  const login = await eventually(async () => {
    const { data } = await anonymous.query(LOGIN, {
      input: { email: 'leaver2@example.com', password: newcomerPassword },
    });
    return data.login.tokens === null && data.login;
  });
  expect(login.userErrors).toEqual([{ code: 'INVALID_CREDENTIALS' }]);
  const refresh = await anonymous.query(
    'mutation ($t: String!) { refreshTokens(input: { refreshToken: $t }) { tokens { accessToken } userErrors { code } } }',
    { t: leaver.refreshToken },
  );
  expect(refresh.data.refreshTokens.tokens).toBeNull();
  // Search, by id, and through other subgraphs.
  const looked = await admin.client.query(
    `query ($id: ID!) { user(id: $id) { id } searchUsers(query: "leaver2") { nodes { id } }
       users(filter: { search: "leaver2@example.com" }) { nodes { id } }
       auditLogs(filter: { actorId: $id }) { nodes { action actorName actor { id } ip } } }`,
    { id: userId },
  );
  expect(looked.data).toMatchObject({ user: null, searchUsers: { nodes: [] }, users: { nodes: [] } });
  // The audit log keeps the id, which belongs to nobody any more, and forgets from where they acted.
  await eventually(async () => {
    const { data } = await admin.client.query(
      'query ($id: ID!) { auditLogs(filter: { actorId: $id, action: "user.deleted" }) { nodes { actorName actor { id } ip } } }',
      { id: userId },
    );
    const [record] = data.auditLogs.nodes;
    return record?.actorName === userId && record.actor === null && record.ip === null;
  });
  // Nothing is left of them, but ids in what must not change.
  for (const [service, kept] of [
    ['user', ['permission_versions']],
    ['notification', ['recipients']],
    ['analytics', ['forgotten_people']],
  ] as const)
    await eventually(async () => {
      const left = (await rowsAbout(service, userId)).filter((table) => !(kept as readonly string[]).includes(table));
      if (left.length > 0) throw new Error(`${service} still has rows in ${left.join(', ')}`);
      return true;
    });
  // The address is free for somebody new, who is somebody else.
  const again = await newcomer(platform.url, { name: 'Leaver2' });
  expect(again.userId).not.toBe(userId);
});

test('ID-88: an administrator deletes somebody at once, with a reason', async () => {
  const { client, userId } = await newcomer(platform.url, { name: 'Leaver3' });
  const DELETE =
    'mutation ($input: DeleteUserInput!) { deleteUser(input: $input) { deletedUserId userErrors { code } } }';
  const refused = await client.query(DELETE, { input: { userId: admin.userId } });
  expect(refused.errors[0]?.extensions['code']).toBe('FORBIDDEN');
  const deleted = await admin.client.query(DELETE, { input: { userId, reason: 'asked by letter' } });
  expect(deleted.data.deleteUser).toEqual({ deletedUserId: userId, userErrors: [] });
  await eventually(async () => (await client.query('{ me { id } }')).status === 401);
  const self = await admin.client.query('mutation { requestAccountDeletion { dueAt userErrors { code } } }');
  expect(self.data.requestAccountDeletion).toEqual({ dueAt: null, userErrors: [{ code: 'LAST_ADMIN' }] });
});

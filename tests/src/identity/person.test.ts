import { randomBytes } from 'node:crypto';
import { deflateSync, crc32 } from 'node:zlib';
import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import pg from 'pg';
import { createGraphClient, newcomer, newcomerPassword, signIn } from '../graph/index.js';
import type { SignedIn } from '../graph/index.js';

let platform: Platform;
let admin: SignedIn;
beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
  admin = await signIn(platform.url, { email: 'admin@orion.test', password: 'orion-demo' });
}, 60_000);
afterAll(() => platform?.stop());

/** A PNG of noise, which does not become smaller when it is packed. */
function noise(size: number): string {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    crc.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, crc]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2], 8);
  const lines = Array.from({ length: size }, () => Buffer.concat([Buffer.of(0), randomBytes(size * 3)]));
  const parts = [
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(lines))),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...parts]).toString('base64');
}

const UPDATE = `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) {
  user { displayName username bio timezone profileVersion } userErrors { code path } } }`;

test('somebody makes the place their own, and sees it happen on another screen', async () => {
  const { client, userId } = await newcomer(platform.url, { name: 'Person1' });
  const stream = await client.subscribe('subscription { profileUpdated { id displayName avatar { url } } }');
  const changed = await client.query(UPDATE, {
    input: { displayName: 'Zo\u00eb', username: 'zoe.person', bio: 'Hello', timezone: 'Europe/Zurich' },
  });
  expect(changed.data.updateProfile).toMatchObject({ user: { displayName: 'Zo\u00eb' }, userErrors: [] });
  expect(await stream.next()).toMatchObject({
    data: { profileUpdated: { id: userId, displayName: 'Zo\u00eb', avatar: null } },
  });
  const prefers = await client.query(
    `mutation ($input: UpdatePreferencesInput!) { updatePreferences(input: $input) { preference { data version } userErrors { code } } }`,
    { input: { namespace: 'console', data: { theme: 'dark' } } },
  );
  expect(prefers.data.updatePreferences.preference).toEqual({ data: { theme: 'dark' }, version: 1 });
  const uploaded = await client.query(
    'mutation ($input: UploadAvatarInput!) { uploadAvatar(input: $input) { user { avatar(size: LARGE) { url width } } userErrors { code } } }',
    { input: { content: `data:image/png;base64,${noise(380)}` } },
  );
  expect(uploaded.errors).toEqual([]);
  const { url } = uploaded.data.uploadAvatar.user.avatar;
  expect(await stream.next()).toMatchObject({ data: { profileUpdated: { avatar: { url: expect.any(String) } } } });
  await stream.stop();
  const me = await client.query(`{ me { username bio preferences(namespace: "console") { data }
    activity(first: 10) { nodes { kind } } } byName: user(username: "ZOE.person") { id } }`);
  expect(me.data.me).toMatchObject({
    username: 'zoe.person',
    bio: 'Hello',
    preferences: [{ data: { theme: 'dark' } }],
  });
  expect(me.data.byName).toEqual({ id: userId });
  await eventually(async () => {
    const { data } = await client.query('{ me { lastSeenAt activity(first: 10) { nodes { kind } } } }');
    const kinds = data.me.activity.nodes.map(({ kind }: { kind: string }) => kind);
    return data.me.lastSeenAt !== null && kinds.includes('SIGNED_IN') && kinds.includes('AVATAR_UPLOADED');
  });
  // ID-87: the picture comes from the gateway, as something that cannot run.
  expect(new URL(url).pathname).toMatch(/^\/avatars\/[\w-]{43}-512\.webp$/);
  const picture = await fetch(new URL(new URL(url).pathname, platform.url));
  expect(picture.status).toBe(200);
  expect(Object.fromEntries(picture.headers)).toMatchObject({
    'content-type': 'image/webp',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'cross-origin',
    'cache-control': 'public, max-age=31536000, immutable',
  });
  expect(
    Buffer.from(await picture.arrayBuffer())
      .subarray(8, 12)
      .toString(),
  ).toBe('WEBP');
  expect((await fetch(new URL('/avatars/..%2fhealth', platform.url))).status).toBe(404);
});

test('ID-21 ID-22 ID-23: names and words that deceive or break are refused', async () => {
  const { client } = await newcomer(platform.url, { name: 'Person2' });
  for (const [field, value, code] of [
    ['displayName', 'A\u200bda', 'DISPLAY_NAME_INVALID'],
    ['displayName', 'Ada\u202egnp', 'DISPLAY_NAME_INVALID'],
    ['displayName', 'Ada\r\nBcc: x@y', 'DISPLAY_NAME_INVALID'],
    ['displayName', ' ', 'DISPLAY_NAME_INVALID'],
    ['username', '\u0430dmin', 'USERNAME_INVALID'],
    ['username', '../../x', 'USERNAME_INVALID'],
    ['bio', 'x'.repeat(501), 'BIO_INVALID'],
    ['bio', 'bell\u0007', 'BIO_INVALID'],
    ['timezone', 'Mars/Phobos', 'TIMEZONE_INVALID'],
  ] as const) {
    const { data } = await client.query(UPDATE, { input: { [field]: value } });
    expect([value, data?.updateProfile.userErrors]).toEqual([value, [{ code, path: ['input', field] }]]);
  }
  for (const value of ['a\0b', 'half \ud800']) {
    const { errors } = await client.query(UPDATE, { input: { bio: value } });
    expect(errors[0]?.extensions['code']).toBe('BAD_USER_INPUT');
  }
});

test('ID-86: a search tells nobody who has which address, and a cursor is for the one who got it', async () => {
  const one = await newcomer(platform.url, { name: 'Person3' });
  const other = await newcomer(platform.url, { name: 'Person4' });
  for (const query of ['person4@example.com', 'person4@example', 'example.com', '4@ex']) {
    const { data } = await one.client.query('query ($q: String!) { searchUsers(query: $q) { nodes { id } } }', {
      q: query,
    });
    expect([query, data.searchUsers.nodes]).toEqual([query, []]);
  }
  const SEARCH = `query ($after: String, $q: String!) { searchUsers(query: $q, first: 1, after: $after) {
    nodes { id } pageInfo { endCursor hasNextPage } } }`;
  const first = await one.client.query(SEARCH, { q: 'person' });
  const after = first.data.searchUsers.pageInfo.endCursor;
  expect((await one.client.query(SEARCH, { q: 'person', after })).errors).toEqual([]);
  for (const answer of [
    await other.client.query(SEARCH, { q: 'person', after }),
    await one.client.query(SEARCH, { q: 'pers', after }),
    await one.client.query(SEARCH, { q: 'person', after: `${after}A` }),
    await one.client.query('query ($after: String) { me { activity(after: $after) { nodes { id } } } }', { after }),
  ])
    expect(answer.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'BAD_CURSOR' });
  // ID-25: of one's own making, nothing is.
  const hostile = await admin.client.query('{ users(orderBy: { field: email, direction: ASC }) { nodes { id } } }');
  expect(hostile.errors.length).toBeGreaterThan(0);
  expect((await one.client.query('{ users { nodes { id } } }')).errors[0]?.extensions['code']).toBe('FORBIDDEN');
});

test('an administrator watches, suspends and reactivates; who is suspended is out at once', async () => {
  const member = await newcomer(platform.url, { name: 'Person5' });
  const watched = await admin.client.subscribe(
    'subscription ($id: ID!) { userChanged(id: $id) { id status displayName } }',
    { id: member.userId },
  );
  const audit = await admin.client.subscribe('subscription { auditLogAdded { action reason targets { id } } }');
  const nextAudit = async (action: string) => {
    for (;;) {
      const { data } = await audit.next();
      if (data.auditLogAdded.action === action && data.auditLogAdded.targets[0]?.id === member.userId)
        return data.auditLogAdded;
    }
  };
  const SUSPEND = `mutation ($input: SuspendUserInput!) { suspendUser(input: $input) { user { status } userErrors { code } } }`;
  const suspended = await admin.client.query(SUSPEND, { input: { userId: member.userId, reason: 'spam' } });
  expect(suspended.data.suspendUser).toEqual({ user: { status: 'SUSPENDED' }, userErrors: [] });
  expect(await watched.next()).toMatchObject({ data: { userChanged: { id: member.userId, status: 'SUSPENDED' } } });
  expect(await nextAudit('user.suspended')).toMatchObject({ reason: 'spam' });
  await eventually(async () => (await member.client.query('{ me { id } }')).status === 401);
  const refused = () =>
    createGraphClient(platform.url).query(
      'mutation ($input: LoginInput!) { login(input: $input) { tokens { accessToken } userErrors { code } } }',
      { input: { email: 'person5@example.com', password: newcomerPassword } },
    );
  await eventually(async () => (await refused()).data.login.tokens === null);
  const back = await admin.client.query(
    'mutation ($input: ReactivateUserInput!) { reactivateUser(input: $input) { user { status } userErrors { code } } }',
    { input: { userId: member.userId } },
  );
  expect(back.data.reactivateUser).toEqual({ user: { status: 'ACTIVE' }, userErrors: [] });
  await eventually(async () => (await refused()).data.login.tokens !== null);
  await Promise.all([watched.stop(), audit.stop()]);
  // ID-81: not for those who may not, and nobody does it to themselves.
  const other = await newcomer(platform.url, { name: 'Person6' });
  const forbidden = await other.client.query(SUSPEND, { input: { userId: member.userId } });
  expect(forbidden.errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'user:suspend:any' });
  const self = await admin.client.query(SUSPEND, { input: { userId: admin.userId } });
  expect(self.data.suspendUser.userErrors).toEqual([{ code: 'USER_NOT_BELOW_YOU' }]);
});

test('ID-89: the account of the service in the database cannot change the audit log', async () => {
  await (await newcomer(platform.url, { name: 'Person8' })).client.query(UPDATE, { input: { bio: 'on record' } });
  const client = new pg.Client({ connectionString: platform.databaseUrls['user'] });
  await client.connect();
  try {
    await eventually(async () => (await client.query('SELECT 1 FROM audit_logs LIMIT 1')).rowCount === 1);
    for (const statement of [
      `UPDATE audit_logs SET reason = 'nothing'`,
      'DELETE FROM audit_logs',
      'TRUNCATE audit_logs',
      `INSERT INTO audit_logs SELECT * FROM audit_logs ON CONFLICT (id) DO UPDATE SET reason = 'nothing'`,
    ])
      await expect(client.query(statement)).rejects.toThrow(/permission denied|only grows/);
  } finally {
    await client.end();
  }
  const { data } = await admin.client.query('{ verifyAuditLog { isIntact checked } }');
  expect(data.verifyAuditLog).toMatchObject({ isIntact: true });
});

test('ID-89: once the log belongs to another role, the service cannot even open it to changes, and goes on', async () => {
  const [service, owner] = [
    new pg.Client({ connectionString: platform.databaseUrls['user'] }),
    new pg.Client({ connectionString: databaseOf('user') }),
  ];
  await Promise.all([service.connect(), owner.connect()]);
  try {
    const { user: role } = service;
    // As the README of the subgraph says.
    await owner.query(`ALTER TABLE audit_logs OWNER TO CURRENT_USER`);
    await owner.query(`GRANT SELECT, INSERT ON audit_logs TO "${role ?? ''}"`);
    for (const statement of [
      'ALTER TABLE audit_logs DISABLE TRIGGER audit_logs_only_grow',
      'DROP TRIGGER audit_logs_only_grow ON audit_logs',
      'GRANT UPDATE, DELETE ON audit_logs TO CURRENT_USER',
      `UPDATE audit_logs SET reason = 'nothing'`,
      'DELETE FROM audit_logs',
      'TRUNCATE audit_logs',
    ]) {
      // GRANT by who may not is a warning, not an error.
      if (statement.startsWith('GRANT')) await service.query(statement).catch(() => undefined);
      else await expect(service.query(statement)).rejects.toThrow(/must be owner|permission denied/);
    }
    const { rows } = await service.query<{ allowed: boolean }>(
      `SELECT bool_or(has_table_privilege('audit_logs', privilege)) AS allowed
         FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS privilege`,
    );
    expect(rows).toEqual([{ allowed: false }]);
    const { rows: triggers } = await service.query(
      `SELECT tgenabled FROM pg_trigger WHERE tgname = 'audit_logs_only_grow'`,
    );
    expect(triggers).toEqual([{ tgenabled: 'A' }]);
  } finally {
    await Promise.all([service.end(), owner.end()]);
  }
  const { client, userId } = await newcomer(platform.url, { name: 'Person7' });
  await client.query(UPDATE, { input: { bio: 'on record' } });
  await eventually(async () => {
    const { data } = await admin.client.query(
      'query ($id: ID!) { auditLogs(filter: { actorId: $id, action: "profile.updated" }) { nodes { id } } }',
      { id: userId },
    );
    return data.auditLogs.nodes.length === 1;
  });
  const { data } = await admin.client.query('{ verifyAuditLog { isIntact } }');
  expect(data.verifyAuditLog.isIntact).toBe(true);
});

/** The database of a service as the superuser sees it. */
function databaseOf(service: string): string {
  const url = new URL(platform.databaseUrls['admin'] ?? '');
  url.pathname = new URL(platform.databaseUrls[service] ?? '').pathname;
  return url.href;
}

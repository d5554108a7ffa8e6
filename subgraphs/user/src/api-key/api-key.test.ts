import { apiKeyCreated, apiKeyRevoked, auditRecorded } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { eventually, testViewer } from '@orion/platform/testing';
import { startPeople } from '../testing/person-fixture.js';
import type { PersonFixture } from '../testing/person-fixture.js';

let people: PersonFixture;
beforeAll(async () => {
  people = await startPeople();
});
afterAll(() => people.stop());

type Input = Readonly<Record<string, unknown>>;

// oxlint-disable-next-line typescript/no-explicit-any
async function ask(document: string, variables: Input, viewer: ReturnType<typeof testViewer> | null): Promise<any> {
  const { data, errors } = await people.running.query(document, { viewer, variables });
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data;
}

const KEY =
  'apiKey { id name prefix scopes allowedIps expiresAt lastUsedAt revokedAt } secret userErrors { code path }';

async function create(userId: string, input: Input = {}) {
  const { createApiKey } = await ask(
    `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { ${KEY} } }`,
    { input: { name: 'Build', scopes: [], ...input } },
    testViewer({ userId }),
  );
  return createApiKey as {
    readonly apiKey: { readonly id: string; readonly prefix: string; readonly scopes: string[] };
    readonly secret: string;
    readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
  };
}

async function revoke(userId: string, apiKeyId: string): Promise<string | null> {
  const { revokeApiKey } = await ask(
    'mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { apiKey { revokedAt } userErrors { code } } }',
    { input: { apiKeyId } },
    testViewer({ userId }),
  );
  return revokeApiKey.userErrors[0]?.code ?? null;
}

/** What the gateway is told of a key. */
async function identify(key: string, ip: string | null = '192.0.2.7') {
  const { apiKeyIdentity } = await ask(
    'query ($key: String!, $ip: String) { apiKeyIdentity(key: $key, ip: $ip) { keyId userId permissions expiresAt } }',
    { key, ip },
    null,
  );
  return apiKeyIdentity as { readonly keyId: string; readonly userId: string; readonly permissions: string[] } | null;
}

test('ID-84: a key is shown once; what is kept, published and listed of it is not the key', async () => {
  const userId = await people.register('Ann', ['SUPPORT']);
  const { apiKey, secret } = await create(userId, { scopes: ['user:list:any', 'session:read:own'] });
  expect(secret).toMatch(/^orion_[0-9A-Za-z]{8}_[\w-]{43}$/);
  expect(apiKey).toMatchObject({ name: 'Build', prefix: secret.slice(6, 14), revokedAt: null, lastUsedAt: null });
  expect(await identify(secret)).toEqual({
    keyId: apiKey.id,
    userId,
    permissions: ['user:list:any', 'session:read:own'],
    expiresAt: null,
  });
  const random = secret.slice(15);
  const rows = await people.bus.sql<{ text: string }>(
    `SELECT row_to_json(t)::text AS text FROM api_keys t UNION ALL SELECT envelope::text FROM outbox`,
  );
  const events = [
    ...(await people.bus.published(apiKeyCreated.type)),
    ...(await people.bus.published(auditRecorded.type)),
  ];
  const { me } = await ask(`{ me { apiKeys { nodes { id prefix } } } }`, {}, testViewer({ userId }));
  expect(me.apiKeys.nodes).toEqual([{ id: apiKey.id, prefix: apiKey.prefix }]);
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify([rows, events, me])).not.toContain(random);
});

test('ID-84: a key that was changed, revoked, has expired, or comes from elsewhere does not work', async () => {
  const userId = await people.register('Bob');
  const made = await create(userId, { allowedIps: ['192.0.2.0/24', '2001:db8::/32'] });
  expect(await identify(made.secret, '192.0.2.255')).not.toBeNull();
  expect(await identify(made.secret, '2001:db8::9')).not.toBeNull();
  expect(await identify(made.secret, '::ffff:192.0.2.1')).not.toBeNull();
  for (const ip of ['192.0.3.1', '2001:db9::1', 'nowhere', null]) expect(await identify(made.secret, ip)).toBeNull();
  const last = made.secret.at(-1) === 'A' ? 'B' : 'A';
  const others = [`${made.secret.slice(0, -1)}${last}`, `${made.secret} `, made.secret.slice(0, -1), 'orion_', ''];
  for (const text of others) expect(await identify(text)).toBeNull();
  expect(await revoke(userId, made.apiKey.id)).toBeNull();
  expect(await identify(made.secret)).toBeNull();

  const brief = await create(userId, { expiresAt: new Date(Date.now() + 3_600_000) });
  expect(await identify(brief.secret)).not.toBeNull();
  await people.bus.sql(`UPDATE api_keys SET expires_at = now() WHERE id = $1`, [brief.apiKey.id]);
  expect(await identify(brief.secret)).toBeNull();
});

test('ID-84: a key has what its owner may do now, of what it was given', async () => {
  const userId = await people.register('Cid', ['MODERATOR']);
  const { secret } = await create(userId, { scopes: ['audit:read:any', 'user:list:any', 'session:read:own'] });
  const permissions = async () => (await identify(secret))?.permissions;
  expect(await permissions()).toEqual(['audit:read:any', 'user:list:any', 'session:read:own']);
  const change = async (statement: string) => {
    await people.bus.sql(statement, [userId]);
    await people.bus.sql('UPDATE permission_versions SET version = version + 1 WHERE user_id = $1', [userId]);
  };
  await people.bus.sql('INSERT INTO permission_versions (user_id, version) VALUES ($1, 1) ON CONFLICT DO NOTHING', [
    userId,
  ]);
  await change(`INSERT INTO user_permissions (user_id, permission, effect) VALUES ($1, 'audit:read:any', 'DENY')`);
  expect(await permissions()).toEqual(['user:list:any', 'session:read:own']);
  await change('DELETE FROM user_roles WHERE user_id = $1');
  expect(await permissions()).toEqual(['session:read:own']);
});

test.each(['SUSPENDED', 'DELETED'])('ID-84: the keys of an owner who is %s are dead', async (status) => {
  const userId = await people.register('Dan');
  const { secret } = await create(userId);
  expect(await identify(secret)).not.toBeNull();
  await people.bus.sql('UPDATE users SET status = $2 WHERE id = $1', [userId, status]);
  expect(await identify(secret)).toBeNull();
});

test('ID-84: a key is given nothing that its owner may not do', async () => {
  const userId = await people.register('Eve', ['SUPPORT']);
  const refusal = async (input: Input) => (await create(userId, input)).userErrors;
  expect(await refusal({ scopes: ['user:list:any', 'audit:read:any'] })).toEqual([
    { code: 'SCOPE_NOT_HELD', path: ['input', 'scopes', '1'] },
  ]);
  const codeOf = async (input: Input) => (await refusal(input))[0]?.code;
  expect(await codeOf({ scopes: ['moon:visit:own'] })).toBe('PERMISSION_NOT_FOUND');
  expect(await codeOf({ scopes: ['user:list:any', 'user:list:any'] })).toBe('SCOPES_INVALID');
  expect(await codeOf({ name: ' ' })).toBe('API_KEY_NAME_INVALID');
  expect(await codeOf({ name: 'a\r\nBcc: b' })).toBe('API_KEY_NAME_INVALID');
  expect(await codeOf({ expiresAt: new Date(0) })).toBe('EXPIRY_INVALID');
  expect(await codeOf({ allowedIps: ['10.0.0.0/99'] })).toBe('ALLOWED_IPS_INVALID');
  expect(await codeOf({ allowedIps: Array.from({ length: 21 }, () => '10.0.0.1') })).toBe('ALLOWED_IPS_INVALID');
});

test('ID-79: a key is made for whoever asks: to name somebody else is refused', async () => {
  const [userId, victim] = [await people.register('Fay'), await people.register('Gus')];
  const answer = await people.running.query(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }',
    { viewer: testViewer({ userId }), variables: { input: { name: 'x', scopes: [], userId: victim } } },
  );
  expect(answer.errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  expect(await people.bus.sql('SELECT FROM api_keys WHERE user_id = ANY($1::uuid[])', [[userId, victim]])).toEqual([]);
});

test('ID-79: nobody revokes or rotates the key of somebody else, or learns that there is one', async () => {
  const [userId, victim] = [await people.register('Hal'), await people.register('Ida')];
  const { apiKey, secret } = await create(victim);
  expect(await revoke(userId, apiKey.id)).toBe('API_KEY_NOT_FOUND');
  expect(await revoke(userId, uuidv7())).toBe('API_KEY_NOT_FOUND');
  expect(await revoke(userId, 'none')).toBe('API_KEY_NOT_FOUND');
  const { rotateApiKey } = await ask(
    `mutation ($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { ${KEY} } }`,
    { input: { apiKeyId: apiKey.id } },
    testViewer({ userId }),
  );
  expect(rotateApiKey.userErrors).toMatchObject([{ code: 'API_KEY_NOT_FOUND' }]);
  expect(await identify(secret)).not.toBeNull();
  const { data } = await people.running.query(`{ user(id: "${victim}") { apiKeys { nodes { id } } } }`, {
    viewer: testViewer({ userId }),
  });
  expect(data).toEqual({ user: { apiKeys: null } });
});

test.each([
  ['createApiKey', 'CreateApiKeyInput', { name: 'x', scopes: [] }],
  ['rotateApiKey', 'RotateApiKeyInput', { apiKeyId: uuidv7() }],
  ['revokeApiKey', 'RevokeApiKeyInput', { apiKeyId: uuidv7() }],
  ['adminRevokeApiKey', 'AdminRevokeApiKeyInput', { apiKeyId: uuidv7() }],
  ['createServiceAccountKey', 'CreateServiceAccountKeyInput', { serviceAccountId: uuidv7(), name: 'x', scopes: [] }],
  ['assignRole', 'AssignRoleInput', { userId: uuidv7(), role: 'ADMIN' }],
])('ID-84 ID-85: a key cannot %s, whatever it was given', async (mutation, type, input) => {
  const userId = await people.register('Jon', ['ADMIN']);
  const held = await people.bus.sql<{ key: string }>('SELECT key FROM permissions');
  const viewer = testViewer({ userId, kind: 'api-key', permissions: held.map(({ key }) => key) });
  const { data, errors } = await people.running.query(
    `mutation ($input: ${type}!) { ${mutation}(input: $input) { userErrors { code } } }`,
    { viewer, variables: { input } },
  );
  expect(data).toBeNull();
  expect(errors[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
});

test("ID-85: a key reads what is its owner's only when it was given that", async () => {
  const userId = await people.register('Kim');
  const read = async (permissions: readonly string[]) => {
    const viewer = testViewer({ userId, kind: 'api-key', permissions });
    const { data } = await people.running.query('{ me { id apiKeys { nodes { id } } roles { role { name } } } }', {
      viewer,
    });
    return data.me;
  };
  expect(await read([])).toEqual({ id: userId, apiKeys: null, roles: null });
  expect(await read(['role:read:own'])).toEqual({ id: userId, apiKeys: null, roles: [{ role: { name: 'MEMBER' } }] });
});

test('one that is rotated stops working, and its successor is like it; of 20 at once one is made', async () => {
  const userId = await people.register('Lea', ['SUPPORT']);
  const first = await create(userId, { scopes: ['user:list:any'], allowedIps: ['192.0.2.0/24'] });
  const rotate = () =>
    ask(
      `mutation ($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { ${KEY} } }`,
      { input: { apiKeyId: first.apiKey.id } },
      testViewer({ userId }),
    ).then(({ rotateApiKey }) => rotateApiKey);
  const answers = await Promise.all(Array.from({ length: 20 }, rotate));
  const made = answers.filter(({ secret }) => secret !== null);
  expect(made).toHaveLength(1);
  expect(answers.flatMap(({ userErrors }) => userErrors.map(({ code }: { code: string }) => code))).toEqual(
    Array.from({ length: 19 }, () => 'API_KEY_REVOKED'),
  );
  expect(made[0].apiKey).toMatchObject({ name: 'Build', scopes: ['user:list:any'], allowedIps: ['192.0.2.0/24'] });
  expect(await identify(first.secret)).toBeNull();
  expect(await identify(made[0].secret)).toMatchObject({ userId, permissions: ['user:list:any'] });
});

test('there are at most 20 that work, however many are made at once', async () => {
  const userId = await people.register('Max');
  const answers = await Promise.all(Array.from({ length: 30 }, () => create(userId)));
  const made = answers.filter(({ secret }) => secret !== null);
  expect(made).toHaveLength(20);
  expect(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code))).toEqual(
    Array.from({ length: 10 }, () => 'API_KEY_LIMIT'),
  );
  expect(await revoke(userId, made[0]?.apiKey.id ?? '')).toBeNull();
  expect((await create(userId)).userErrors).toEqual([]);
  expect((await create(userId)).userErrors).toMatchObject([{ code: 'API_KEY_LIMIT' }]);
});

test('when it was last used is kept to the minute, with one write', async () => {
  const userId = await people.register('Ned');
  const { apiKey, secret } = await create(userId);
  const used = async () =>
    (
      await people.bus.sql<{ at: Date | null; row: string }>(
        'SELECT last_used_at AS at, xmin::text AS row FROM api_keys WHERE id = $1',
        [apiKey.id],
      )
    )[0];
  await identify(secret);
  const first = await used();
  expect(first?.at).not.toBeNull();
  await Promise.all(Array.from({ length: 10 }, () => identify(secret)));
  expect(await used()).toEqual(first);
  await people.bus.sql(`UPDATE api_keys SET last_used_at = now() - interval '61 s' WHERE id = $1`, [apiKey.id]);
  await Promise.all(Array.from({ length: 10 }, () => identify(secret)));
  expect((await used())?.at?.getTime()).toBeGreaterThanOrEqual(first?.at?.getTime() ?? Infinity);
});

test('who may revoke the keys of others can, and it is published and in the audit log once', async () => {
  const [userId, adminId] = [await people.register('Oli'), await people.register('Pam', ['ADMIN'])];
  const { apiKey, secret } = await create(userId);
  const revokeAny = (permissions: readonly string[]) =>
    people.running.query(
      'mutation ($input: AdminRevokeApiKeyInput!) { adminRevokeApiKey(input: $input) { apiKey { id } userErrors { code } } }',
      { viewer: testViewer({ userId: adminId, permissions }), variables: { input: { apiKeyId: apiKey.id } } },
    );
  expect((await revokeAny([])).errors[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
  for (let time = 0; time < 2; time += 1)
    expect((await revokeAny(['api-key:revoke:any'])).data.adminRevokeApiKey).toEqual({
      apiKey: { id: apiKey.id },
      userErrors: [],
    });
  expect(await identify(secret)).toBeNull();
  const told = await eventually(async () => {
    const events = await people.bus.published(apiKeyRevoked.type);
    const found = events.filter(({ data }) => (data as { apiKeyId: string }).apiKeyId === apiKey.id);
    return found.length > 0 && found;
  });
  expect(told.map(({ data }) => data)).toEqual([{ apiKeyId: apiKey.id, userId, reason: 'requested' }]);
  const records = (await people.bus.published(auditRecorded.type)).filter(
    ({ key, data }) => key === apiKey.id && (data as { action: string }).action === 'api_key.revoked',
  );
  expect(records.map(({ data }) => (data as { actorId: string }).actorId)).toEqual([adminId]);
});

import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { createGraphClient, newcomer, signIn } from '../graph/index.js';
import type { GraphAnswer, GraphClient, SignedIn } from '../graph/index.js';

let platform: Platform;
let admin: SignedIn;

beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
  admin = await signIn(platform.url, { email: 'admin@orion.test', password: 'orion-demo' });
}, 60_000);
afterAll(() => platform?.stop());

const codesOf = ({ errors }: GraphAnswer) => errors.map(({ extensions }) => extensions['code']);

async function changeRole(field: 'assignRole' | 'unassignRole', userId: string, role: string): Promise<void> {
  const type = field === 'assignRole' ? 'AssignRoleInput' : 'UnassignRoleInput';
  const { data, errors } = await admin.client.query(
    `mutation ($input: ${type}!) { ${field}(input: $input) { userErrors { code } } }`,
    { input: { userId, role } },
  );
  expect([errors, data[field].userErrors]).toEqual([[], []]);
}

async function createKey(client: GraphClient, input: Readonly<Record<string, unknown>>) {
  const { data, errors } = await client.query(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } userErrors { code } } }',
    { input: { name: 'program', scopes: [], ...input } },
  );
  expect([errors, data?.createApiKey.userErrors]).toEqual([[], []]);
  const { secret, apiKey } = data.createApiKey as { readonly secret: string; readonly apiKey: { readonly id: string } };
  return { id: apiKey.id, secret, client: createGraphClient(platform.url, { token: secret }) };
}

describe('guesses', () => {
  const login = (name: string) =>
    `${name}: login(input: { email: "victim@example.com", password: "guess ${name}" }) { userErrors { code } }`;
  const aliases = (count: number) => Array.from({ length: count }, (_, index) => login(`a${index}`)).join(' ');
  const conditions = Array.from({ length: 10 }, (_, index) => `... @include(if: true) { ${login(`c${index}`)} }`);

  /** Nothing was tried: an attempt would be on record. */
  async function expectNoAttempt(): Promise<void> {
    const { data, errors } = await admin.client.query(
      '{ loginAttempts(first: 5, filter: { email: "victim@example.com" }) { nodes { id } } }',
    );
    expect([errors, data?.loginAttempts.nodes]).toEqual([[], []]);
  }

  test.each([
    ['a thousand of them', aliases(1_000), 'GRAPHQL_PARSE_FAILED'],
    ['as many as aliases are allowed', aliases(20), 'SENSITIVE_FIELD_REPEATED'],
  ])('ID-05: under aliases, %s, none is made', async (_what, fields, code) => {
    const answer = await createGraphClient(platform.url).query(`mutation { ${fields} }`);
    expect(codesOf(answer)[0]).toBe(code);
    await expectNoAttempt();
  });

  test('ID-06: under conditions none is made', async () => {
    const answer = await createGraphClient(platform.url).query(`mutation { ${conditions.join(' ')} }`);
    expect(codesOf(answer)).toEqual(['SENSITIVE_FIELD_REPEATED']);
    await expectNoAttempt();
  });

  test('ID-06: of fifty in a batch none is made', async () => {
    const batch = Array.from({ length: 50 }, (_, index) => ({ query: `mutation { ${login(`b${index}`)} }` }));
    const response = await fetch(platform.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(batch),
    });
    expect(response.status).toBe(400);
    await expectNoAttempt();
  });
});

test('ID-39: after a logout the access token is refused everywhere, within a second', async () => {
  const person = await newcomer(platform.url, { name: 'Leaver' });
  const stream = await person.client.subscribe('subscription { notificationCountsChanged { unread } }');
  const loggedOut = await person.client.query('mutation { logout { revokedSessions } }');
  expect(loggedOut.data.logout.revokedSessions).toBe(1);
  const answeredAt = Date.now();
  await eventually(async () => (await person.client.query('{ me { id } }')).status === 401, { every: 10 });
  expect(Date.now() - answeredAt).toBeLessThan(1_000);
  expect(await stream.closed).toBe(4403);
  const mutation = await person.client.query('mutation { logout { revokedSessions } }');
  expect([mutation.status, codesOf(mutation)]).toEqual([401, ['UNAUTHENTICATED']]);
  await expect(person.client.subscribe('subscription { notificationCountsChanged { unread } }')).rejects.toBeDefined();
  for (const name of ['auth', 'user', 'notification', 'analytics']) {
    const direct = await createGraphClient(`http://127.0.0.1:${platform.ports[name]}/graphql`, {
      token: person.accessToken,
    }).query('{ __typename }');
    expect([direct.status, codesOf(direct)]).toEqual([401, ['UNAUTHENTICATED']]);
  }
});

test('ID-83: a role counts from the next request on, and not a second longer than it is held', async () => {
  const person = await newcomer(platform.url, { name: 'Operator' });
  const ask = () => person.client.query('{ roles(first: 1) { nodes { name } } }');
  expect(codesOf(await ask())).toEqual(['FORBIDDEN']);
  await changeRole('assignRole', person.userId, 'ADMIN');
  await eventually(async () => (await ask()).errors.length === 0);
  const stream = await person.client.subscribe('subscription { auditLogAdded { __typename } }');
  await changeRole('unassignRole', person.userId, 'ADMIN');
  const changedAt = Date.now();
  await eventually(async () => codesOf(await ask())[0] === 'FORBIDDEN', { every: 10 });
  expect(Date.now() - changedAt).toBeLessThan(1_000);
  expect(await stream.closed).toBe(4403);
  expect((await person.client.query('{ me { id } }')).data.me.id).toBe(person.userId);
});

describe('an API key', () => {
  test('ID-85: does what its permissions say, and nothing that needs a person', async () => {
    const person = await newcomer(platform.url, { name: 'Programmer' });
    const { client } = await createKey(person.client, { scopes: ['user:read-pii:own'] });
    const me = await client.query('{ me { id email notifications(first: 1) { nodes { id } } } }');
    expect(me.data.me).toMatchObject({ id: person.userId, email: 'programmer@example.com', notifications: null });
    expect(codesOf(me)).toEqual(['FORBIDDEN']);
    const refused = [
      'mutation { logout { revokedSessions } }',
      'mutation { createApiKey(input: { name: "more", scopes: [] }) { secret } }',
      'mutation { changePassword(input: { currentPassword: "x", newPassword: "y" }) { userErrors { code } } }',
      'mutation { assignRole(input: { userId: "1", role: "ADMIN" }) { userErrors { code } } }',
      '{ users(first: 1) { nodes { id } } }',
      '{ auditLogs(first: 1) { nodes { id } } }',
    ];
    for (const document of refused) {
      const answer = await client.query(document);
      expect([document, codesOf(answer)]).toEqual([document, ['FORBIDDEN']]);
    }
  });

  test('ID-85: of an administrator has of the administrator only what it was given, and a person’s part never', async () => {
    const { client } = await createKey(admin.client, { scopes: ['role:read:any', 'role:write:any'] });
    expect((await client.query('{ roles(first: 1) { nodes { name } } }')).errors).toEqual([]);
    expect(codesOf(await client.query('{ auditLogs(first: 1) { nodes { id } } }'))).toEqual(['FORBIDDEN']);
    // It asks for a person who proved who they are just now.
    const assigned = await client.query(
      'mutation ($id: ID!) { assignRole(input: { userId: $id, role: "ADMIN" }) { userErrors { code } } }',
      { id: admin.userId },
    );
    expect(codesOf(assigned)).toEqual(['FORBIDDEN']);
  });

  test('ID-84: that is revoked is refused within a second, on an open socket as well', async () => {
    const person = await newcomer(platform.url, { name: 'Revoker' });
    const { id, client } = await createKey(person.client, { scopes: ['notification:read:own'] });
    expect((await client.query('{ me { id } }')).status).toBe(200);
    const stream = await client.subscribe('subscription { notificationCountsChanged { unread } }');
    const { data } = await person.client.query(
      'mutation ($id: ID!) { revokeApiKey(input: { apiKeyId: $id }) { userErrors { code } } }',
      { id },
    );
    expect(data.revokeApiKey.userErrors).toEqual([]);
    const answeredAt = Date.now();
    await eventually(async () => (await client.query('{ me { id } }')).status === 401, { every: 10 });
    expect(Date.now() - answeredAt).toBeLessThan(1_000);
    expect(await stream.closed).toBe(4403);
  });

  test('ID-84: has no more than its owner has at the moment', async () => {
    const person = await newcomer(platform.url, { name: 'Demoted' });
    await changeRole('assignRole', person.userId, 'ADMIN');
    await eventually(
      async () => (await person.client.query('{ roles(first: 1) { nodes { name } } }')).errors.length === 0,
    );
    const { client } = await createKey(person.client, { scopes: ['role:read:any'] });
    const ask = () => client.query('{ roles(first: 1) { nodes { name } } }');
    expect((await ask()).errors).toEqual([]);
    await changeRole('unassignRole', person.userId, 'ADMIN');
    await eventually(async () => codesOf(await ask())[0] === 'FORBIDDEN', { every: 10 });
  });

  test('ID-84: that is made up, cut or changed is refused', async () => {
    const person = await newcomer(platform.url, { name: 'Guesser' });
    const { secret } = await createKey(person.client, {});
    const changed = `${secret.slice(0, -1)}${secret.endsWith('A') ? 'Q' : 'A'}`;
    for (const token of [
      changed,
      secret.slice(0, -1),
      `${secret}A`,
      secret.toUpperCase(),
      `orion_00000000_${'A'.repeat(43)}`,
    ]) {
      const answer = await createGraphClient(platform.url, { token }).query('{ me { id } }');
      expect([answer.status, codesOf(answer)]).toEqual([401, ['UNAUTHENTICATED']]);
    }
    expect((await createGraphClient(platform.url, { token: secret }).query('{ me { id } }')).status).toBe(200);
    // What tells the gateway about keys is no question for clients.
    const asked = await createGraphClient(platform.url).query('{ apiKeyIdentity(key: "x") { keyId } }');
    expect(codesOf(asked)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });
});

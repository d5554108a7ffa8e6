import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '@orion/platform/testing';
import { DEMO_PASSWORD, startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import pg from 'pg';
import { createGraphClient, enroll, mailedToken, newcomer, signIn } from '../graph/index.js';
import type { GraphAnswer, SignedIn } from '../graph/index.js';

const PAGE = readFileSync(path.resolve(import.meta.dirname, '../../../docs/security.md'), 'utf8');

/** Code blocks of the page in one language, without the indentation of a list. */
function blocks(language: string): readonly string[] {
  return [...PAGE.matchAll(new RegExp(`^ *\`\`\`${language}\n(.*?)^ *\`\`\``, 'gms'))].map(([, text = '']) => text);
}

/** The operations of the page by their names; each block may hold several. */
const operations = blocks('graphql')
  .flatMap((block) => block.split(/^(?= *(?:query|mutation) )/m))
  .filter((text) => text.trim() !== '')
  .map((text) => ({ name: /(?:query|mutation) (\w+)/.exec(text)?.[1] ?? '', text }));
const statements = blocks('sql');

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
}, 60_000);
afterAll(() => platform?.stop());

const person = (name: string): Promise<SignedIn> =>
  signIn(platform.url, { email: `${name}@orion.test`, password: DEMO_PASSWORD });

async function sql(service: string, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: platform.databaseUrls[service] ?? '' });
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

const statementWith = (word: string): string => statements.find((text) => text.includes(word)) ?? '';
const operationNamed = (wanted: string): string => operations.find(({ name }) => name === wanted)?.text ?? '';

function expectDone({ data, errors }: GraphAnswer): void {
  expect(errors).toEqual([]);
  for (const payload of Object.values<{ userErrors?: unknown[] } | null>(data)) {
    expect(payload).not.toBeNull();
    expect(payload?.userErrors ?? []).toEqual([]);
  }
}

test('there are how-tos to try', () => {
  expect(operations.length).toBeGreaterThan(10);
  expect(statements).toHaveLength(3);
});

const stolen = ['Lock', 'SendReset', 'DropFactors', 'Unlock'];

test.each(operations.filter(({ name }) => name !== 'EverybodyOut' && !stolen.includes(name)))(
  '$name does what it is there for',
  async ({ text }) => {
    const [admin, bob] = [await person('admin'), await person('bob')];
    const key = await bob.client.query(CREATE_KEY);
    expect(key.errors).toEqual([]);
    const variables = { userId: bob.userId, apiKeyId: key.data.createApiKey.apiKey.id as string };
    const named = Object.entries(variables).filter(([name]) => text.includes(`$${name}:`));
    expectDone(await admin.client.query(text, Object.fromEntries(named)));
  },
);

test('a stolen account is locked, loses the factors of the thief, and comes back to its owner', async () => {
  const owner = await newcomer(platform.url, { name: 'Robbed' });
  await enroll(owner);
  for (const name of stolen)
    expectDone(await (await person('admin')).client.query(operationNamed(name), { userId: owner.userId }));
  await eventually(async () => (await owner.client.query('{ me { id } }')).status === 401);
  const mails = createGraphClient(platform.url);
  await mailedToken(mails, { email: 'robbed@example.com', page: 'reset-password' });
});

test('the statement about seals shows one key where it was never changed', async () => {
  const { rows } = await sql('auth', statementWith('two_factor_auth'));
  expect(rows).toEqual([{ key: expect.stringMatching(/^[\w-]{8}$/), count: expect.any(String) }]);
});

test('a changed context secret and a changed database password sign nobody out', async () => {
  const alice = await person('alice');
  const password = randomBytes(24).toString('hex');
  const url = new URL(platform.databaseUrls['user'] ?? '');
  await sql('admin', `ALTER ROLE "${url.username}" PASSWORD '${password}'`);
  url.password = password;
  await sql('admin', statementWith('pg_terminate_backend').replace('orion_user', url.username));
  const env = { ORION_CONTEXT_SECRET: randomBytes(32).toString('base64') };
  await Promise.all(
    Object.keys(platform.processes).map((name) =>
      platform.restart(name, { env: name === 'user' ? { ...env, DATABASE_URL: url.href } : env }),
    ),
  );
  await eventually(async () => {
    const { data, errors } = await alice.client.query('{ me { displayName sessions(first: 1) { nodes { id } } } }');
    return errors.length === 0 && data.me.displayName === 'Alice';
  });
}, 60_000);

test('who revokes everybody has nobody left who can go on', async () => {
  const alice = await person('alice');
  await sql('auth', statementWith('UPDATE sessions'));
  const { client } = await person('admin');
  expectDone(await client.query(operationNamed('EverybodyOut')));
  const { data } = await createGraphClient(platform.url).query(REFRESH, {
    input: { refreshToken: alice.refreshToken },
  });
  expect(data.refreshTokens).toEqual({ tokens: null, userErrors: [{ code: 'INVALID_REFRESH_TOKEN' }] });
  await eventually(async () => {
    const { status, errors } = await alice.client.query('{ me { id } }');
    return status === 401 && errors[0]?.extensions['code'] === 'UNAUTHENTICATED';
  });
});

const CREATE_KEY = 'mutation { createApiKey(input: { name: "how-to", scopes: [] }) { apiKey { id } } }';
const REFRESH = `mutation ($input: RefreshTokensInput!) {
  refreshTokens(input: $input) { tokens { accessToken } userErrors { code } } }`;

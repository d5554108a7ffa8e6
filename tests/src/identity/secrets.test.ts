import { randomBytes } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { createSoftwareAuthenticator, eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import pg from 'pg';
import { createGraphClient, enroll, loginBy, mailedLoginCode, mailedToken } from '../graph/index.js';
import type { GraphClient } from '../graph/index.js';

let platform: Platform;
beforeAll(async () => {
  // Everything that is ever logged is logged here.
  platform = await startPlatform({ mode: 'test', env: { LOG_LEVEL: 'trace' } });
}, 60_000);
afterAll(() => platform?.stop());

/** What nobody but its owner may ever read, by what it is. */
const secrets = new Map<string, string>();
const keep = (what: string, secret: unknown): string => {
  if (typeof secret !== 'string' || secret.length < 6) throw new Error(`${what}: no secret but ${String(secret)}`);
  secrets.set(what, secret);
  return secret;
};
const password = (what: string) => keep(what, `battery ${randomBytes(9).toString('base64url')}`);
const email = 'secretive@example.com';

const ask = async (client: GraphClient, document: string, variables: Readonly<Record<string, unknown>> = {}) => {
  const { data, errors } = await client.query(document, variables);
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data;
};
const mutate = async (client: GraphClient, name: string, answer: string, input: Readonly<Record<string, unknown>>) => {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  return (await ask(client, `mutation ($input: ${type}!) { ${name}(input: $input) { ${answer} } }`, { input }))[name];
};

/** Walks every way in that there is, and keeps what is secret on it. */
async function walk(): Promise<void> {
  const anonymous = createGraphClient(platform.url);
  const first = password('password of the registration');
  await mutate(anonymous, 'register', 'accepted', { email, password: first, displayName: 'Secretive' });
  const verification = keep('verification token', await mailedToken(anonymous, { email, page: 'verify-email' }));
  await mutate(anonymous, 'verifyEmail', 'verified', { token: verification });
  const { tokens } = await loginBy(platform.url, 'login', { email, password: first });
  const { accessToken = '', refreshToken, deviceToken } = tokens ?? {};
  keep('access token', accessToken);
  keep('signature of the access token', accessToken.split('.')[2]);
  keep('device token', deviceToken);
  const refreshed = await mutate(anonymous, 'refreshTokens', 'tokens { accessToken refreshToken }', {
    refreshToken: keep('refresh token', refreshToken),
  });
  const client = createGraphClient(platform.url, { token: keep('next access token', refreshed.tokens.accessToken) });
  keep('next refresh token', refreshed.tokens.refreshToken);

  const second = password('changed password');
  await mutate(client, 'changePassword', 'changed', { currentPassword: first, newPassword: second });
  for (let attempt = 0; attempt < 5; attempt += 1)
    await loginBy(platform.url, 'login', { email, password: password(`wrong password ${attempt}`) });
  const unlock = keep('unlock token', await mailedToken(anonymous, { email, page: 'unlock-account' }));
  await mutate(anonymous, 'unlockAccount', 'unlocked', { token: unlock });
  await mutate(client, 'requestEmailChange', 'accepted', { newEmail: `new-${email}` });
  keep('address token', await mailedToken(anonymous, { email: `new-${email}`, page: 'confirm-email-change' }));

  await ask(anonymous, 'mutation ($e: String!) { requestLoginCode(input: { email: $e }) { accepted } }', { e: email });
  const code = keep('login code', await mailedLoginCode(anonymous, email));
  await loginBy(platform.url, 'loginWithCode', { email, code });

  const created = await ask(client, 'mutation { createApiKey(input: { name: "secrets", scopes: [] }) { secret } }');
  const key = keep('API key', created.createApiKey.secret);
  await createGraphClient(platform.url, { token: key }).query('{ me { id } }');

  const authenticator = createSoftwareAuthenticator({ origin: `http://localhost:${new URL(platform.url).port}` });
  const started = await ask(client, 'mutation { startPasskeyRegistration { options } }');
  const { options } = started.startPasskeyRegistration;
  keep('challenge for a passkey', options.challenge);
  await mutate(client, 'finishPasskeyRegistration', 'userErrors { code }', { response: authenticator.create(options) });

  const { backupCodes, app } = await enroll({ client });
  for (const [index, backupCode] of backupCodes.entries()) keep(`backup code ${index}`, backupCode);
  const challenged = await loginBy(platform.url, 'login', { email, password: second });
  await loginBy(platform.url, 'completeMfa', {
    challenge: keep('challenge', challenged.challenge?.token),
    method: 'TOTP',
    code: app.code(1),
  });

  await mutate(anonymous, 'requestPasswordReset', 'accepted', { email });
  const reset = keep('reset token', await mailedToken(anonymous, { email, page: 'reset-password' }));
  await mutate(anonymous, 'resetPassword', 'reset', { token: reset, newPassword: password('password of the reset') });
  await fetch(new URL(`/reset-password?token=${reset}`, platform.url));
  await complain(anonymous);
}

/** Requests that go wrong with secrets in them: errors are where such things come to light. */
async function complain(client: GraphClient): Promise<void> {
  const inline = password('password in a document');
  for (const document of [
    `mutation { login(input: { email: "a@example.com", password: "${inline}" }) { nothing } }`,
    `mutation { login(input: { email: "a@example.com", password: "${inline}" } { `,
    `mutation { login(input: { email: "a@example.com", password: "${inline}", more: 1 }) { userErrors { code } } }`,
    `mutation { login(input: { email: "a@example.com", password: "${inline}\\u0000" }) { userErrors { code } } }`,
  ])
    expect((await client.query(document)).errors.length).toBeGreaterThan(0);
  const token = keep('token that is none', randomBytes(32).toString('base64url'));
  await createGraphClient(platform.url, { token }).query('{ me { id } }');
}

/** Every row of every table of a database, as text. */
async function dump(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const texts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      texts.push(...rows.map(({ row }) => row));
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}

const services = () => Object.keys(platform.databaseUrls).filter((name) => name !== 'admin');

/** All that was announced has been heard by then. */
async function settled(): Promise<void> {
  for (const name of services().filter((service) => service !== 'bus')) {
    const client = new pg.Client({ connectionString: platform.databaseUrls[name] });
    await client.connect();
    try {
      await eventually(async () => (await client.query('SELECT 1 FROM outbox LIMIT 1')).rows.length === 0);
    } finally {
      await client.end();
    }
  }
}

test('ID-40: no secret that was ever issued or typed is in a log, an event or a table', async () => {
  await walk();
  await settled();
  const logs = await readdir(platform.logDir);
  const texts = new Map<string, string>();
  for (const file of logs) texts.set(`log ${file}`, await readFile(path.join(platform.logDir, file), 'utf8'));
  for (const name of services()) texts.set(`database ${name}`, await dump(platform.databaseUrls[name] ?? ''));
  // There is something to look through, and it is of this walk.
  expect([...texts.keys()]).toEqual(expect.arrayContaining(['log auth.log', 'log gateway.log', 'database bus']));
  expect(texts.get('database bus')).toContain(email);
  const found: string[] = [];
  for (const [where, text] of texts) {
    for (const [what, secret] of secrets) {
      const forms = [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64')];
      if (forms.some((form) => text.includes(form))) found.push(`${what} in ${where}`);
    }
  }
  expect(found).toEqual([]);
  expect(secrets.size).toBeGreaterThan(30);
}, 90_000);

import { createGuardedFetch } from './guarded-fetch.js';
import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';
import { SCRIPTED_CLIENT, startScriptedProvider } from '../testing/scripted-provider.js';
import type { Misconduct, ScriptedProvider } from '../testing/scripted-provider.js';

const REDIRECT_URI = 'https://app.example/back';
const TIMEOUT_MS = 1_000;

let provider: ScriptedProvider;
let auth: AuthFixture;

beforeAll(async () => {
  provider = await startScriptedProvider();
  auth = await startAuth(environment());
});
afterAll(async () => {
  await auth?.stop();
  await provider?.stop();
});

function environment(): Readonly<Record<string, string>> {
  return {
    OAUTH_REDIRECT_URIS: REDIRECT_URI,
    OAUTH_TIMEOUT_MS: String(TIMEOUT_MS),
    OAUTH_GOOGLE_CLIENT_ID: SCRIPTED_CLIENT,
    OAUTH_GOOGLE_CLIENT_SECRET: 'secret',
    OAUTH_GOOGLE_ISSUER: provider.issuer,
  };
}

async function begin() {
  const { data } = await auth.query(
    `mutation { startOAuth(input: { provider: GOOGLE, redirectUri: "${REDIRECT_URI}" }) {
      authorizationUrl state userErrors { code } } }`,
  );
  return data.startOAuth as { authorizationUrl: string | null; state: string; userErrors: { code: string }[] };
}

/** A visit during which the provider does something wrong. Null when it lets somebody in, else why it does not. */
async function outcomeOf(misconduct: Misconduct, { code = 'code' } = {}): Promise<string | null> {
  provider.misconduct = {};
  const { authorizationUrl, state } = await begin();
  provider.nonce = new URL(authorizationUrl ?? '').searchParams.get('nonce') ?? '';
  provider.misconduct = misconduct;
  const { data, errors } = await auth.query(
    `mutation ($input: CompleteOAuthInput!) { completeOAuth(input: $input) {
      tokens { user { id } } userErrors { code } } }`,
    { variables: { input: { state, code } } },
  );
  expect(errors).toEqual([]);
  const { tokens, userErrors } = data.completeOAuth;
  expect(tokens === null).toBe(userErrors.length === 1);
  return userErrors[0]?.code ?? null;
}

const now = () => Math.floor(Date.now() / 1_000);

test('an honest provider lets somebody in', async () => {
  expect(await outcomeOf({})).toBeNull();
});

test.each<readonly [string, () => Misconduct]>([
  ['another nonce', () => ({ claims: { nonce: 'another' } })],
  ['no nonce', () => ({ claims: { nonce: undefined } })],
  ['another audience', () => ({ claims: { aud: 'somebody-else' } })],
  ['more audiences and no azp', () => ({ claims: { aud: [SCRIPTED_CLIENT, 'somebody-else'] } })],
  ['another azp', () => ({ claims: { aud: [SCRIPTED_CLIENT, 'somebody-else'], azp: 'somebody-else' } })],
  ['another issuer', () => ({ claims: { iss: 'https://accounts.google.com' } })],
  ['a token that is over', () => ({ claims: { exp: now() - 300 } })],
  ['a token without an end', () => ({ claims: { exp: undefined } })],
  ['no subject', () => ({ claims: { sub: undefined } })],
  ['alg none', () => ({ signature: 'none' })],
  ['HS256 with the public key', () => ({ signature: 'hs256' })],
  ['the signature of another key', () => ({ signature: 'other-key' })],
  ['no ID token', () => ({ token: 'no-id-token' })],
  ['an answer that is no JSON', () => ({ token: 'not-json' })],
])('ID-62: an ID token with %s lets nobody in', async (_what, misconduct) => {
  expect(await outcomeOf(misconduct())).toBe('OAUTH_DENIED');
});

test.each<readonly [string, NonNullable<Misconduct['claims']>]>([
  ['a NUL in it', { sub: 'some\u0000body' }],
  ['no characters that are seen', { sub: ' ' }],
  ['more characters than there may be', { sub: 'x'.repeat(10_000) }],
])('ID-62: a subject with %s is nobody', async (_what, claims) => {
  expect(await outcomeOf({ claims })).toBe('OAUTH_DENIED');
});

test('what a provider says of somebody that is of no use here keeps nobody out, and is not kept', async () => {
  const odd = { name: '\u202e\u0000', locale: 'not a locale', picture: 7 };
  expect(await outcomeOf({ claims: { ...odd, sub: 'odd', email: 'odd@provider.example' } })).toBeNull();
  const broken = { sub: 'odd', email: 'a\u0000@b\r\nBcc: c@d' };
  expect(await outcomeOf({ claims: broken })).toBeNull();
  expect(await auth.sql("SELECT email, email_verified FROM oauth_providers WHERE subject = 'odd'")).toEqual([
    { email: null, email_verified: false },
  ]);
  expect(await outcomeOf({ claims: { ...broken, sub: 'another' } })).toBe('OAUTH_EMAIL_NOT_VERIFIED');
});

test.each<readonly [string, Misconduct]>([
  ['answers ten megabytes', { token: 'ten-megabytes' }],
  ['redirects to the metadata service', { token: 'redirect' }],
  ['hangs', { token: 'hang' }],
])('ID-66: a provider that %s is not waited for', async (_what, misconduct) => {
  const since = Date.now();
  expect(await outcomeOf(misconduct)).toBe('OAUTH_PROVIDER_UNAVAILABLE');
  expect(Date.now() - since).toBeLessThan(10 * TIMEOUT_MS);
});

test.each(['http://169.254.169.254/latest/meta-data/', 'https://localhost/keys'])(
  'ID-66: keys that are said to be at %s are not fetched',
  async (keysAt) => {
    // What a provider says of itself is read once an hour: a process that has not read it yet.
    await auth.restart(environment());
    provider.misconduct = { keysAt };
    const { authorizationUrl, state } = await begin();
    provider.nonce = new URL(authorizationUrl ?? '').searchParams.get('nonce') ?? '';
    const { data } = await auth.query(
      'mutation ($input: CompleteOAuthInput!) { completeOAuth(input: $input) { tokens { user { id } } userErrors { code } } }',
      { variables: { input: { state, code: 'code' } } },
    );
    expect(data.completeOAuth.tokens).toBeNull();
    expect(['OAUTH_PROVIDER_UNAVAILABLE', 'OAUTH_DENIED']).toContain(data.completeOAuth.userErrors[0].code);
  },
);

test('ID-66: another address inside than the configured one is refused, be it next to it', async () => {
  const fetchOutside = createGuardedFetch({ configured: [provider.issuer] });
  expect((await fetchOutside(`${provider.issuer}/keys`, {})).status).toBe(200);
  const { port } = new URL(provider.issuer);
  const before = provider.requests.length;
  for (const url of [
    `http://localhost:${port}/keys`,
    `https://localhost:${port}/keys`,
    `https://127.0.0.1:${port}/keys`,
    `http://127.0.0.1:${Number(port) + 1}/keys`,
    `http://[::1]:${port}/keys`,
    'http://169.254.169.254/latest/meta-data/',
    'https://169.254.169.254/latest/meta-data/',
    'https://0.0.0.0/keys',
    'https://10.0.0.1/keys',
    'https://2130706433/keys',
    'https://[::1]/keys',
    'https://[fd00::1]/keys',
    'https://[::ffff:127.0.0.1]/keys',
    'file:///etc/passwd',
  ])
    await expect(fetchOutside(url, {})).rejects.toThrow(/is not an address on the internet|only https/);
  expect(provider.requests).toHaveLength(before);
});

test('ID-62: a provider that says it is another one is not believed', async () => {
  await auth.restart(environment());
  provider.misconduct = { discovery: { issuer: 'https://accounts.google.com' } };
  expect((await begin()).userErrors).toEqual([{ code: 'OAUTH_PROVIDER_UNAVAILABLE' }]);
  // The next one asks again.
  provider.misconduct = {};
  expect((await begin()).userErrors).toEqual([]);
});

test('ID-61: a state is over after ten minutes, and is not to be read from the database', async () => {
  provider.misconduct = {};
  const { authorizationUrl, state } = await begin();
  provider.nonce = new URL(authorizationUrl ?? '').searchParams.get('nonce') ?? '';
  const [dumped] = await auth.sql<{ row: string }>(
    'SELECT row_to_json(s)::text AS row FROM oauth_states s ORDER BY created_at DESC LIMIT 1',
  );
  for (const part of state.split('.')) expect(dumped?.row).not.toContain(part);
  await auth.sql("UPDATE oauth_states SET expires_at = now() - interval '1 second' WHERE consumed_at IS NULL");
  const { data } = await auth.query(
    'mutation ($input: CompleteOAuthInput!) { completeOAuth(input: $input) { userErrors { code } } }',
    { variables: { input: { state, code: 'code' } } },
  );
  expect(data.completeOAuth.userErrors).toEqual([{ code: 'OAUTH_STATE_INVALID' }]);
});

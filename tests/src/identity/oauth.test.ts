import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { enroll } from '../graph/factors.js';
import { createGraphClient, newcomer, newcomerPassword, signIn } from '../graph/index.js';
import type { GraphClient } from '../graph/index.js';
import { PROVIDER_CLIENT, startOAuthProvider, startOpenIdProvider, visitProvider } from '../graph/identity-provider.js';
import type { IdentityProvider } from '../graph/identity-provider.js';

const REDIRECT_URI = 'http://localhost:5173/oauth/callback';

let google: IdentityProvider;
let github: IdentityProvider;
let platform: Platform;
let anonymous: GraphClient;

beforeAll(async () => {
  [google, github] = await Promise.all([startOpenIdProvider(REDIRECT_URI), startOAuthProvider(REDIRECT_URI)]);
  platform = await startPlatform({
    mode: 'test',
    env: {
      OAUTH_REDIRECT_URIS: REDIRECT_URI,
      OAUTH_GOOGLE_CLIENT_ID: PROVIDER_CLIENT.id,
      OAUTH_GOOGLE_CLIENT_SECRET: PROVIDER_CLIENT.secret,
      OAUTH_GOOGLE_ISSUER: google.issuer,
      OAUTH_GITHUB_CLIENT_ID: PROVIDER_CLIENT.id,
      OAUTH_GITHUB_CLIENT_SECRET: PROVIDER_CLIENT.secret,
      OAUTH_GITHUB_ISSUER: github.issuer,
      OAUTH_GITHUB_AUTHORIZATION_URL: `${github.issuer}/auth`,
      OAUTH_GITHUB_TOKEN_URL: `${github.issuer}/token`,
      OAUTH_GITHUB_API_URL: github.issuer,
    },
  });
  anonymous = createGraphClient(platform.url);
}, 60_000);
afterAll(async () => {
  await platform?.stop();
  await Promise.all([google?.stop(), github?.stop()]);
});

const START =
  'mutation ($input: StartOAuthInput!) { startOAuth(input: $input) { authorizationUrl state userErrors { code } } }';
const COMPLETE = `mutation ($input: CompleteOAuthInput!) { completeOAuth(input: $input) {
  tokens { accessToken session { id } user { id } } challenge { token } linkedAccount { id provider email }
  userErrors { code } } }`;
const ME = '{ me { id displayName email emailVerified linkedAccounts { id provider email } } }';

async function begin(provider: 'GOOGLE' | 'GITHUB', { client = anonymous, intent = 'LOGIN' } = {}) {
  const { data, errors } = await client.query(START, { input: { provider, redirectUri: REDIRECT_URI, intent } });
  expect(errors).toEqual([]);
  expect(data.startOAuth.userErrors).toEqual([]);
  return data.startOAuth as { authorizationUrl: string; state: string };
}

async function complete(input: Readonly<Record<string, string>>, { client = anonymous } = {}) {
  const { data, errors } = await client.query(COMPLETE, { input });
  expect(errors).toEqual([]);
  return data.completeOAuth;
}

/** All of it, as an honest browser does. */
async function visit(
  provider: 'GOOGLE' | 'GITHUB',
  login: string,
  options: { readonly client?: GraphClient; readonly intent?: string } = {},
) {
  const { authorizationUrl, state } = await begin(provider, options);
  const { code, iss } = await visitProvider(authorizationUrl, login);
  return complete({ state, code, iss }, options);
}

const signedInWith = (tokens: { readonly accessToken: string }) =>
  createGraphClient(platform.url, { token: tokens.accessToken });
const refused = (code: string) => ({ tokens: null, challenge: null, linkedAccount: null, userErrors: [{ code }] });

test.each([
  ['GOOGLE', 'gina', 'Gina'],
  ['GITHUB', '4711', 'Hugo'],
] as const)(
  'a newcomer signs in with %s, has an account, and comes back to the same',
  async (provider, login, name) => {
    const email = `${name.toLowerCase()}@provider.example`;
    (provider === 'GOOGLE' ? google : github).people.set(login, { email, emailVerified: true, name });
    const { tokens } = await visit(provider, login);
    // The person behind the account follows by an event.
    const me = await eventually(async () => {
      const { data, errors } = await signedInWith(tokens).query(ME);
      expect(errors).toEqual([]);
      return data.me.email !== null && data.me;
    });
    expect(me).toMatchObject({
      id: tokens.user.id,
      displayName: name,
      email,
      emailVerified: true,
      linkedAccounts: [{ provider, email }],
    });
    const again = await visit(provider, login);
    expect(again.tokens.user.id).toBe(tokens.user.id);
    // Known by issuer and subject: another address there is no other person here.
    (provider === 'GOOGLE' ? google : github).people.set(login, { email: `new-${email}`, emailVerified: false, name });
    expect((await visit(provider, login)).tokens.user.id).toBe(tokens.user.id);
  },
  60_000,
);

test('the providers that are configured are offered, and no page but an allowed one', async () => {
  const { data } = await anonymous.query('{ oauthProviders { provider name } }');
  expect(data.oauthProviders).toEqual([
    { provider: 'GOOGLE', name: 'Google' },
    { provider: 'GITHUB', name: 'GitHub' },
  ]);
});

test.each([
  'https://evil.example/oauth/callback',
  '//evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  `${REDIRECT_URI}/`,
  `${REDIRECT_URI}?next=https://evil.example`,
  REDIRECT_URI.replace('localhost', 'LOCALHOST'),
  '',
])('ID-45: nobody is sent back to %j', async (redirectUri) => {
  const { data } = await anonymous.query(START, { input: { provider: 'GOOGLE', redirectUri } });
  expect(data.startOAuth).toEqual({
    authorizationUrl: null,
    state: null,
    userErrors: [{ code: 'OAUTH_REDIRECT_NOT_ALLOWED' }],
  });
});

test('ID-61: a state works once, in the browser that has its secret, and each tab has its own', async () => {
  google.people.set('tabea', { email: 'tabea@provider.example', emailVerified: true, name: 'Tabea' });
  const [one, two] = [await begin('GOOGLE'), await begin('GOOGLE')];
  const [first, second] = [
    await visitProvider(one.authorizationUrl, 'tabea'),
    await visitProvider(two.authorizationUrl, 'tabea'),
  ];
  // What came back is before the dot. The browser finds by it what it kept.
  expect(one.state.startsWith(`${first.state}.`)).toBe(true);
  const { code, iss } = first;
  // Somebody has the address that the browser came back with, and another browser complete it: login CSRF.
  for (const state of ['', first.state, `${first.state}.`, `${first.state}.${two.state.split('.')[1]}`, 'unknown.x'])
    expect(await complete({ state, code, iss })).toEqual(refused('OAUTH_STATE_INVALID'));
  // The code of one tab with the state of the other: PKCE refuses it, and the visit is over.
  expect(await complete({ state: two.state, code, iss })).toEqual(refused('OAUTH_DENIED'));
  expect(await complete({ state: two.state, code: second.code, iss })).toEqual(refused('OAUTH_STATE_INVALID'));
  const answers = await Promise.all(Array.from({ length: 10 }, () => complete({ state: one.state, code, iss })));
  // The code was tried with the wrong verifier before, which ends it at a provider that is careful: begin anew.
  expect(answers.filter(({ userErrors }) => userErrors[0]?.code === 'OAUTH_STATE_INVALID')).toHaveLength(9);
  const fresh = await begin('GOOGLE');
  const answer = await visitProvider(fresh.authorizationUrl, 'tabea');
  const many = await Promise.all(
    Array.from({ length: 10 }, () => complete({ state: fresh.state, code: answer.code, iss: answer.iss })),
  );
  expect(many.filter(({ tokens }) => tokens !== null)).toHaveLength(1);
}, 60_000);

test('ID-62: the way there says PKCE with S256, and never plain', async () => {
  for (const provider of ['GOOGLE', 'GITHUB'] as const) {
    const { searchParams } = new URL((await begin(provider)).authorizationUrl);
    expect(searchParams.get('code_challenge_method')).toBe('S256');
    expect(searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/);
  }
});

test('ID-63: what comes back from one provider does not complete a visit at the other', async () => {
  google.people.set('mixed', { email: 'mixed@provider.example', emailVerified: true, name: 'Mixed' });
  const [atGoogle, atGitHub] = [await begin('GOOGLE'), await begin('GITHUB')];
  const { code, iss } = await visitProvider(atGoogle.authorizationUrl, 'mixed');
  expect(await complete({ state: atGitHub.state, code, iss })).toEqual(refused('OAUTH_DENIED'));
  // The provider says that it names itself: an answer that does not is of somebody else.
  expect(await complete({ state: atGoogle.state, code })).toEqual(refused('OAUTH_DENIED'));
  const other = await begin('GOOGLE');
  const answer = await visitProvider(other.authorizationUrl, 'mixed');
  expect(await complete({ state: other.state, code: answer.code, iss: github.issuer })).toEqual(
    refused('OAUTH_DENIED'),
  );
});

test('ID-64: an address that the provider has not verified links nothing and opens nothing', async () => {
  const owner = await newcomer(platform.url, { name: 'Olivia' });
  for (const email of ['olivia@example.com', 'nobody@example.com']) {
    google.people.set('impostor', { email, emailVerified: false, name: 'Impostor' });
    github.people.set('666', { email, emailVerified: false, name: 'Impostor' });
    expect(await visit('GOOGLE', 'impostor')).toEqual(refused('OAUTH_EMAIL_NOT_VERIFIED'));
    expect(await visit('GITHUB', '666')).toEqual(refused('OAUTH_EMAIL_NOT_VERIFIED'));
  }
  const { data } = await owner.client.query(ME);
  expect(data.me.linkedAccounts).toEqual([]);
}, 60_000);

test('ID-64: with both sides verified it is the same person, who is told', async () => {
  const owner = await newcomer(platform.url, { name: 'Petra' });
  github.people.set('1001', { email: 'Petra@Example.com', emailVerified: true, name: 'P.' });
  const { tokens } = await visit('GITHUB', '1001');
  expect(tokens.user.id).toBe(owner.userId);
  const { data } = await owner.client.query('{ me { securityEvents(first: 10) { nodes { type } } } }');
  expect(data.me.securityEvents.nodes).toContainEqual({ type: 'IDENTITY_LINKED' });
}, 60_000);

test('ID-47: what somebody set up with an address that is not theirs is gone when its owner comes', async () => {
  const email = 'victim@example.com';
  const password = 'the attacker knows this one';
  await anonymous.query('mutation ($input: RegisterInput!) { register(input: $input) { accepted } }', {
    input: { email, password, displayName: 'Attacker', locale: 'en' },
  });
  google.people.set('victim', { email, emailVerified: true, name: 'Victim' });
  const { tokens } = await visit('GOOGLE', 'victim');
  await eventually(async () => {
    const { data } = await signedInWith(tokens).query(ME);
    return data.me.email === email && data.me.emailVerified === true;
  });
  const login = await anonymous.query(
    'mutation ($input: LoginInput!) { login(input: $input) { tokens { accessToken } userErrors { code } } }',
    { input: { email, password } },
  );
  expect(login.data.login).toEqual({ tokens: null, userErrors: [{ code: 'INVALID_CREDENTIALS' }] });
}, 60_000);

test('ID-65: an identity is linked and unlinked, never taken over, and the last thing to sign in with stays', async () => {
  google.people.set('linda', { email: 'linda@elsewhere.example', emailVerified: true, name: 'Linda' });
  const linda = await newcomer(platform.url, { name: 'Linda' });
  const { client } = linda;
  const linked = await visit('GOOGLE', 'linda', { client, intent: 'LINK' });
  expect(linked).toMatchObject({ tokens: null, linkedAccount: { provider: 'GOOGLE' }, userErrors: [] });
  expect((await visit('GOOGLE', 'linda')).tokens.user.id).toBe(linda.userId);

  const thief = await newcomer(platform.url, { name: 'Theo' });
  expect(await visit('GOOGLE', 'linda', { client: thief.client, intent: 'LINK' })).toEqual(refused('IDENTITY_IN_USE'));
  // A visit that links belongs to the session that began it.
  const begun = await begin('GOOGLE', { client, intent: 'LINK' });
  const { code, iss } = await visitProvider(begun.authorizationUrl, 'linda');
  for (const other of [anonymous, thief.client])
    expect(await complete({ state: begun.state, code, iss }, { client: other })).toEqual(
      refused('OAUTH_STATE_INVALID'),
    );

  const unlink = async (who: GraphClient, id: string) => {
    const { data, errors } = await who.query(
      'mutation ($id: ID!) { unlinkOAuthAccount(input: { id: $id }) { unlinkedId userErrors { code } } }',
      { id },
    );
    expect(errors).toEqual([]);
    return data.unlinkOAuthAccount;
  };
  const { id } = linked.linkedAccount;
  expect(await unlink(thief.client, id)).toEqual({ unlinkedId: null, userErrors: [{ code: 'IDENTITY_NOT_FOUND' }] });
  expect(await unlink(client, id)).toEqual({ unlinkedId: id, userErrors: [] });
  expect((await client.query(ME)).data.me.linkedAccounts).toEqual([]);

  google.people.set('only', { email: 'only@provider.example', emailVerified: true, name: 'Only' });
  const only = signedInWith((await visit('GOOGLE', 'only')).tokens);
  const [account] = (await only.query(ME)).data.me.linkedAccounts;
  expect(await unlink(only, account.id)).toEqual({ unlinkedId: null, userErrors: [{ code: 'LAST_CREDENTIAL' }] });
}, 60_000);

test('ID-37: who is locked out gets no tokens by way of a provider either, and no new way in', async () => {
  const locked = await newcomer(platform.url, { name: 'Lotta' });
  const admin = await eventually(async () => {
    const { client } = await signIn(platform.url, { email: 'admin@orion.test', password: 'orion-demo' });
    const { data } = await client.query('{ tokenInfo { permissions } }');
    return data.tokenInfo.permissions.includes('user:lock:any') && client;
  });
  const { data } = await admin.query(
    'mutation ($input: AdminLockUserInput!) { adminLockUser(input: $input) { user { id } userErrors { code } } }',
    { input: { userId: locked.userId, reason: 'a test' } },
  );
  expect(data.adminLockUser).toEqual({ user: { id: locked.userId }, userErrors: [] });
  google.people.set('lotta', { email: 'lotta@example.com', emailVerified: true, name: 'Lotta' });
  expect(await visit('GOOGLE', 'lotta')).toEqual(refused('ACCOUNT_DISABLED'));
  const { data: seen } = await admin.query('query ($id: ID!) { user(id: $id) { linkedAccounts { id } } }', {
    id: locked.userId,
  });
  expect(seen.user.linkedAccounts).toEqual([]);
}, 60_000);

test('a second factor is asked for after a provider too, and a session without it links nothing', async () => {
  const mia = await newcomer(platform.url, { name: 'Mia' });
  const elsewhere = await signIn(platform.url, { email: 'mia@example.com', password: newcomerPassword });
  await enroll(mia);
  const input = { provider: 'GOOGLE', redirectUri: REDIRECT_URI, intent: 'LINK' };
  const { data } = await elsewhere.client.query(START, { input });
  expect(data.startOAuth.userErrors).toEqual([{ code: 'SECOND_FACTOR_REQUIRED' }]);
  google.people.set('mia', { email: 'mia@elsewhere.example', emailVerified: false, name: 'Mia' });
  expect(await visit('GOOGLE', 'mia', { client: mia.client, intent: 'LINK' })).toMatchObject({ userErrors: [] });
  expect(await visit('GOOGLE', 'mia')).toMatchObject({
    tokens: null,
    challenge: { token: expect.any(String) },
    userErrors: [],
  });
}, 60_000);

test('nobody links without being signed in', async () => {
  const { errors } = await anonymous.query(START, {
    input: { provider: 'GOOGLE', redirectUri: REDIRECT_URI, intent: 'LINK' },
  });
  expect(errors[0]?.extensions['code']).toBe('UNAUTHENTICATED');
});

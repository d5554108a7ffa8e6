import { uuidv7 } from '@orion/platform/ids';
import { createSoftwareAuthenticator } from '@orion/platform/testing';
import type { AuthenticatorOptions, Deviation, SoftwareAuthenticator } from '@orion/platform/testing';
import { decodeJwt } from 'jose';
import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';
import { enrolled, person, personOf } from '../testing/people.js';
import type { Person } from '../testing/people.js';

const ORIGIN = 'https://app.example.org';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth({ PASSKEY_RP_ID: 'example.org', PASSKEY_ORIGINS: `${ORIGIN}, https://www.example.org` });
});
afterAll(() => auth?.stop());

const codesOf = ({ userErrors }: { readonly userErrors: readonly { readonly code: string }[] }) =>
  userErrors.map(({ code }) => code);

async function startRegistration({ viewer }: Person): Promise<AuthenticatorOptions> {
  const { data } = await auth.query('mutation { startPasskeyRegistration { options userErrors { code } } }', {
    viewer,
  });
  expect(data.startPasskeyRegistration.userErrors).toEqual([]);
  return data.startPasskeyRegistration.options;
}
const finishRegistration = async ({ viewer }: Person, input: Readonly<Record<string, unknown>>) =>
  (
    await auth.query(
      `mutation ($input: FinishPasskeyRegistrationInput!) { finishPasskeyRegistration(input: $input) {
         passkey { id name backedUp transports lastUsedAt } userErrors { code path } } }`,
      { variables: { input }, viewer },
    )
  ).data.finishPasskeyRegistration;
async function startLogin(): Promise<AuthenticatorOptions> {
  return (await auth.query('mutation { startPasskeyLogin { options } }')).data.startPasskeyLogin.options;
}
const finishLogin = async (response: unknown) =>
  (
    await auth.query(
      `mutation ($input: FinishPasskeyLoginInput!) { finishPasskeyLogin(input: $input) { challenge { token }
         userErrors { code } tokens { accessToken deviceToken session { id } user { id } } } }`,
      { variables: { input: { response } } },
    )
  ).data.finishPasskeyLogin;

/** Somebody with a passkey. */
async function keyHolder(
  email: string,
  options: { readonly counts?: boolean } = {},
): Promise<Person & { readonly key: SoftwareAuthenticator; readonly passkeyId: string }> {
  const someone = await person(auth, email);
  const key = createSoftwareAuthenticator({ origin: ORIGIN, ...options });
  const { passkey, userErrors } = await finishRegistration(someone, {
    response: key.create(await startRegistration(someone)),
    name: 'Laptop',
  });
  expect(userErrors).toEqual([]);
  return { ...someone, key, passkeyId: passkey.id };
}
const signIn = async (key: SoftwareAuthenticator, deviation: Deviation = {}) =>
  finishLogin(key.get(await startLogin(), deviation));
const remove = async ({ viewer }: Person, id: string) =>
  (
    await auth.query(
      'mutation ($input: RemovePasskeyInput!) { removePasskey(input: $input) { passkey { id } userErrors { code } } }',
      { variables: { input: { id } }, viewer },
    )
  ).data.removePasskey;
const suspicions = async ({ userId }: Person) =>
  auth.sql("SELECT severity FROM security_events WHERE user_id = $1 AND type = 'PASSKEY_CLONE_SUSPECTED'", [userId]);

test('a passkey signs in without a name, a password and a code', async () => {
  const owner = await keyHolder('key@example.com');
  const { tokens, challenge, userErrors } = await signIn(owner.key);
  expect({ challenge, userErrors }).toEqual({ challenge: null, userErrors: [] });
  expect(tokens.user.id).toBe(owner.userId);
  expect(decodeJwt(tokens.accessToken)['amr']).toEqual(['hwk', 'user', 'mfa']);
  expect((await signIn(owner.key)).tokens).not.toBeNull();
});

test('it counts as two factors: an account with an authenticator app is asked for no code', async () => {
  const owner = await enrolled(auth, 'app-and-key@example.com');
  const key = createSoftwareAuthenticator({ origin: 'https://www.example.org' });
  await finishRegistration(owner, { response: key.create(await startRegistration(owner)) });
  expect((await auth.login(owner.email)).challenge).not.toBeNull();
  expect((await signIn(key)).tokens.user.id).toBe(owner.userId);
});

test('whoever gave the password alone cannot add a passkey where a second factor is set up', async () => {
  const owner = await enrolled(auth, 'half@example.com');
  await auth.sql("UPDATE sessions SET methods = '{pwd}' WHERE id = $1", [owner.sessionId]);
  const { data } = await auth.query('mutation { startPasskeyRegistration { options userErrors { code } } }', {
    viewer: owner.viewer,
  });
  expect(data.startPasskeyRegistration).toEqual({ options: null, userErrors: [{ code: 'SECOND_FACTOR_REQUIRED' }] });
});

test.each<[string, Deviation]>([
  ['of a page elsewhere', { origin: 'https://app.example.org.evil.example' }],
  ['of another port', { origin: 'https://app.example.org:8443' }],
  ['without encryption', { origin: 'http://app.example.org' }],
  ['for another domain', { rpId: 'evil.example' }],
  ['to a question that nobody asked', { challenge: Buffer.alloc(32).toString('base64url') }],
  ['by somebody whom the authenticator did not check', { userVerified: false }],
  ['to another kind of question', { type: 'webauthn.create' }],
  ['that names somebody else', { userHandle: Buffer.from('somebody-else').toString('base64url') }],
])('ID-60: an answer %s lets nobody in', async (_what, deviation) => {
  const owner = await keyHolder(`${uuidv7()}@example.com`);
  expect(await signIn(owner.key, deviation)).toEqual({
    tokens: null,
    challenge: null,
    userErrors: [{ code: 'PASSKEY_REFUSED' }],
  });
  expect((await signIn(owner.key)).tokens).not.toBeNull();
});

test.each<[string, Deviation]>([
  ['of a page elsewhere', { origin: 'https://evil.example' }],
  ['for another domain', { rpId: 'evil.example' }],
  ['that the authenticator did not check', { userVerified: false }],
  ['to another kind of question', { type: 'webauthn.get' }],
])('ID-60: a passkey %s is not added', async (_what, deviation) => {
  const someone = await person(auth, `${uuidv7()}@example.com`);
  const key = createSoftwareAuthenticator({ origin: ORIGIN });
  const response = key.create(await startRegistration(someone), deviation);
  expect(codesOf(await finishRegistration(someone, { response }))).toEqual(['PASSKEY_REFUSED']);
});

test('ID-60: an answer works once, also when it comes many times at once', async () => {
  const owner = await keyHolder('replay@example.com', { counts: false });
  for (let round = 0; round < 50; round += 1) {
    const response = owner.key.get(await startLogin());
    const answers = await Promise.all(Array.from({ length: 20 }, () => finishLogin(response)));
    expect(answers.filter(({ tokens }) => tokens !== null)).toHaveLength(1);
    expect(codesOf(await finishLogin(response))).toEqual(['PASSKEY_REFUSED']);
  }
}, 120_000);

test('ID-60: a question is good for five minutes, for its purpose and for its session', async () => {
  const [owner, other] = [await keyHolder('asked@example.com'), await keyHolder('asks@example.com')];
  const late = owner.key.get(await startLogin());
  await auth.sql('UPDATE passkey_challenges SET expires_at = now()');
  expect(codesOf(await finishLogin(late))).toEqual(['PASSKEY_REFUSED']);
  // Asked to add a passkey, answered to sign in; and the other way round.
  const { challenge } = await startRegistration(owner);
  expect(codesOf(await signIn(owner.key, { challenge }))).toEqual(['PASSKEY_REFUSED']);
  const login = await startLogin();
  const created = createSoftwareAuthenticator({ origin: ORIGIN }).create({ ...login, rp: { id: 'example.org' } });
  expect(codesOf(await finishRegistration(owner, { response: created }))).toEqual(['PASSKEY_REFUSED']);
  // Asked in a session of somebody else, and in another session of their own.
  const elsewhere = createSoftwareAuthenticator({ origin: ORIGIN }).create(await startRegistration(other));
  expect(codesOf(await finishRegistration(owner, { response: elsewhere }))).toEqual(['PASSKEY_REFUSED']);
  const { tokens } = await auth.login(owner.email);
  const second = personOf(owner.email, tokens);
  const own = createSoftwareAuthenticator({ origin: ORIGIN }).create(await startRegistration(second));
  expect(codesOf(await finishRegistration(owner, { response: own }))).toEqual(['PASSKEY_REFUSED']);
});

test('ID-60: a counter that does not rise means that somebody has a copy: refused, and told of', async () => {
  const owner = await keyHolder('clone@example.com');
  expect((await signIn(owner.key, { counter: 10 })).tokens).not.toBeNull();
  for (const counter of [10, 9, 0]) expect(codesOf(await signIn(owner.key, { counter }))).toEqual(['PASSKEY_REFUSED']);
  expect(await suspicions(owner)).toEqual([{ severity: 'HIGH' }, { severity: 'HIGH' }, { severity: 'HIGH' }]);
  expect((await signIn(owner.key, { counter: 11 })).tokens).not.toBeNull();
});

test('a passkey that does not count its signatures is no copy', async () => {
  const owner = await keyHolder('synced@example.com', { counts: false });
  for (let time = 0; time < 3; time += 1) expect((await signIn(owner.key, { counter: 0 })).tokens).not.toBeNull();
  expect(await suspicions(owner)).toEqual([]);
});

test('the same answer is signed by nobody else: another key with the id of a passkey is refused', async () => {
  const owner = await keyHolder('signed@example.com');
  const forged = createSoftwareAuthenticator({ origin: ORIGIN });
  const userHandle = Buffer.from(owner.userId).toString('base64url');
  const answer = forged.get(await startLogin(), { userHandle });
  const id = owner.key.credentialId;
  expect(codesOf(await finishLogin({ ...answer, id, rawId: id }))).toEqual(['PASSKEY_REFUSED']);
});

test.each([
  {},
  { id: 1 },
  { id: 'x', rawId: 'x', type: 'public-key', response: {} },
  { response: { clientDataJSON: '!' } },
])('nonsense is refused: %j', async (response) => {
  expect(codesOf(await finishLogin(response))).toEqual(['PASSKEY_REFUSED']);
});

test('an attestation with certificates is refused unseen: checking one would fetch what it names', async () => {
  const someone = await person(auth, 'attested@example.com');
  const key = createSoftwareAuthenticator({ origin: ORIGIN });
  const response = key.create(await startRegistration(someone)) as { response: { attestationObject: string } };
  const plain = Buffer.from(response.response.attestationObject, 'base64url');
  // fmt "none" becomes "tpm" with one more letter less: a map of the same three keys.
  const marker = Buffer.concat([Buffer.from([0x63]), Buffer.from('fmt'), Buffer.from([0x64]), Buffer.from('none')]);
  const at = plain.indexOf(marker);
  expect(at).toBeGreaterThan(0);
  const forged = Buffer.concat([
    plain.subarray(0, at + 4),
    Buffer.from([0x63]),
    Buffer.from('tpm'),
    plain.subarray(at + marker.length),
  ]);
  response.response.attestationObject = forged.toString('base64url');
  expect(codesOf(await finishRegistration(someone, { response }))).toEqual(['PASSKEY_REFUSED']);
});

test('a passkey proves who is signed in', async () => {
  const owner = await keyHolder('again@example.com');
  const start = await auth.query('mutation { startPasskeyReauthentication { options } }', { viewer: owner.viewer });
  const { options } = start.data.startPasskeyReauthentication;
  expect(options.allowCredentials).toMatchObject([{ id: owner.key.credentialId }]);
  const prove = async (someone: Person, passkey: unknown) =>
    (
      await auth.query(
        'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { accessToken userErrors { code } } }',
        { variables: { input: { passkey } }, viewer: someone.viewer },
      )
    ).data.reauthenticate;
  const other = await keyHolder('not-me@example.com');
  // Somebody else's passkey, and an answer to a sign-in.
  expect(codesOf(await prove(owner, other.key.get(options)))).toEqual(['PASSKEY_REFUSED']);
  expect(codesOf(await prove(owner, owner.key.get(await startLogin())))).toEqual(['PASSKEY_REFUSED']);
  const again = await auth.query('mutation { startPasskeyReauthentication { options } }', { viewer: owner.viewer });
  const { accessToken } = await prove(owner, owner.key.get(again.data.startPasskeyReauthentication.options));
  expect(decodeJwt(accessToken)['amr']).toEqual(['pwd', 'hwk', 'user', 'mfa']);
});

test('people name and remove their passkeys, but not the last thing they can sign in with', async () => {
  const owner = await keyHolder('owner@example.com');
  const stranger = await person(auth, 'stranger@example.com');
  expect(codesOf(await remove(stranger, owner.passkeyId))).toEqual(['PASSKEY_NOT_FOUND']);
  const rename = async (name: string) =>
    (
      await auth.query(
        'mutation ($input: RenamePasskeyInput!) { renamePasskey(input: $input) { passkey { name } userErrors { code } } }',
        { variables: { input: { id: owner.passkeyId, name } }, viewer: owner.viewer },
      )
    ).data.renamePasskey;
  expect((await rename('Key ring')).passkey).toEqual({ name: 'Key ring' });
  expect(codesOf(await rename('a\u202eb'))).toEqual(['PASSKEY_NAME_INVALID']);
  const of = [{ __typename: 'User', id: owner.userId }];
  const { data } = await auth.query(
    'query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { passkeys { id name } } } }',
    { variables: { of }, viewer: owner.viewer },
  );
  expect(data._entities[0].passkeys).toEqual([{ id: owner.passkeyId, name: 'Key ring' }]);

  await auth.sql('UPDATE credentials SET password_hash = NULL WHERE user_id = $1', [owner.userId]);
  expect(codesOf(await remove(owner, owner.passkeyId))).toEqual(['LAST_CREDENTIAL']);
  const second = createSoftwareAuthenticator({ origin: ORIGIN });
  const added = await finishRegistration(owner, { response: second.create(await startRegistration(owner)) });
  // Two at once: one of both stays.
  const answers = await Promise.all([remove(owner, owner.passkeyId), remove(owner, added.passkey.id)]);
  expect(answers.flatMap(codesOf)).toEqual(['LAST_CREDENTIAL']);
});

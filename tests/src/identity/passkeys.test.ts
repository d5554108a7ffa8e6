import { createSoftwareAuthenticator } from '@orion/platform/testing';
import type { AuthenticatorOptions, SoftwareAuthenticator } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { createGraphClient, enroll, login, loginBy, newcomer } from '../graph/index.js';
import type { GraphClient, SignedIn } from '../graph/index.js';

let platform: Platform;
let url: string;
let anonymous: GraphClient;
let origin: string;

beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
  url = platform.url;
  anonymous = createGraphClient(url);
  origin = `http://localhost:${platform.ports['gateway']}`;
}, 60_000);
afterAll(() => platform?.stop());

/** Adds a passkey and returns what holds it. */
async function addPasskey({ client }: Pick<SignedIn, 'client'>, name: string): Promise<SoftwareAuthenticator> {
  const key = createSoftwareAuthenticator({ origin });
  const { data, errors } = await client.query('mutation { startPasskeyRegistration { options userErrors { code } } }');
  expect(errors).toEqual([]);
  const { options } = data.startPasskeyRegistration;
  expect(options).toMatchObject({
    rp: { id: 'localhost', name: 'ORION' },
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  const finished = await client.query(
    `mutation ($input: FinishPasskeyRegistrationInput!) { finishPasskeyRegistration(input: $input) {
       passkey { id name } userErrors { code } } }`,
    { input: { response: key.create(options), name } },
  );
  expect(finished.data.finishPasskeyRegistration).toMatchObject({ passkey: { name }, userErrors: [] });
  return key;
}
async function startLogin(): Promise<AuthenticatorOptions> {
  return (await anonymous.query('mutation { startPasskeyLogin { options } }')).data.startPasskeyLogin.options;
}

test('a person adds a passkey and signs in with it alone, although there is an authenticator app', async () => {
  const kim = await newcomer(url, { name: 'Kim' });
  await enroll(kim);
  const key = await addPasskey(kim, 'Laptop');
  expect((await login(url, 'kim@example.com')).challenge).not.toBeNull();

  const answer = await loginBy(url, 'finishPasskeyLogin', { response: key.get(await startLogin()) });
  expect(answer).toMatchObject({ challenge: null, userErrors: [], tokens: { user: { id: kim.userId } } });
  const { data, errors } = await createGraphClient(url, { token: answer.tokens?.accessToken ?? '' }).query(
    '{ me { id passkeys { id name lastUsedAt } sessions(first: 1) { nodes { methods } } } }',
  );
  expect(errors).toEqual([]);
  expect(data.me).toMatchObject({
    id: kim.userId,
    passkeys: [{ name: 'Laptop', lastUsedAt: expect.any(String) }],
    sessions: { nodes: [{ methods: ['hwk', 'user', 'mfa'] }] },
  });
});

test('ID-60: an answer from elsewhere, of a copy, without a check of the person or given twice lets nobody in', async () => {
  const lea = await newcomer(url, { name: 'Lea' });
  const key = await addPasskey(lea, 'Phone');
  const refused = { tokens: null, challenge: null, userErrors: [{ code: 'PASSKEY_REFUSED' }] };
  const deviations = [
    { origin: 'https://evil.example' },
    { rpId: 'evil.example' },
    { userVerified: false },
    { challenge: Buffer.alloc(32).toString('base64url') },
  ];
  for (const deviation of deviations) {
    const response = key.get(await startLogin(), deviation);
    expect(await loginBy(url, 'finishPasskeyLogin', { response })).toMatchObject(refused);
  }
  const good = key.get(await startLogin());
  expect((await loginBy(url, 'finishPasskeyLogin', { response: good })).tokens).not.toBeNull();
  expect(await loginBy(url, 'finishPasskeyLogin', { response: good })).toMatchObject(refused);
  const copy = key.get(await startLogin(), { counter: 1 });
  expect(await loginBy(url, 'finishPasskeyLogin', { response: copy })).toMatchObject(refused);
  const { data } = await lea.client.query('{ me { securityEvents(first: 10) { nodes { type severity } } } }');
  expect(data.me.securityEvents.nodes).toContainEqual({ type: 'PASSKEY_CLONE_SUSPECTED', severity: 'HIGH' });
});

test('a passkey renews the proof in a session, and can be removed while there is a password', async () => {
  const mia = await newcomer(url, { name: 'Mia' });
  const key = await addPasskey(mia, 'Key ring');
  const started = await mia.client.query('mutation { startPasskeyReauthentication { options } }');
  const proved = await mia.client.query(
    'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { accessToken userErrors { code } } }',
    { input: { passkey: key.get(started.data.startPasskeyReauthentication.options) } },
  );
  expect(proved.data.reauthenticate.userErrors).toEqual([]);
  const renewed = createGraphClient(url, { token: proved.data.reauthenticate.accessToken });
  const { data } = await renewed.query('{ me { passkeys { id } } }');
  const removed = await renewed.query(
    'mutation ($input: RemovePasskeyInput!) { removePasskey(input: $input) { passkey { name } userErrors { code } } }',
    { input: { id: data.me.passkeys[0].id } },
  );
  expect(removed.data.removePasskey).toEqual({ passkey: { name: 'Key ring' }, userErrors: [] });
  const gone = await loginBy(url, 'finishPasskeyLogin', { response: key.get(await startLogin()) });
  expect(gone.userErrors).toMatchObject([{ code: 'PASSKEY_REFUSED' }]);
});

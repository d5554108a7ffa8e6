import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import pg from 'pg';
import {
  createGraphClient,
  enroll,
  login,
  loginBy,
  mailedLoginCode,
  newcomer,
  newcomerPassword,
} from '../graph/index.js';
import type { GraphClient, SecondFactor, SignedIn } from '../graph/index.js';

let platform: Platform;
let url: string;
let anonymous: GraphClient;

beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
  url = platform.url;
  anonymous = createGraphClient(url);
}, 60_000);
afterAll(() => platform?.stop());

const emailOf = (name: string) => `${name.toLowerCase()}@example.com`;
const as = (accessToken: string | undefined) => createGraphClient(url, { token: accessToken ?? '' });

/** Somebody who set an authenticator app up. */
async function guarded(name: string): Promise<SignedIn & SecondFactor & { readonly email: string }> {
  const someone = await newcomer(url, { name });
  return { ...someone, ...(await enroll(someone)), email: emailOf(name) };
}
async function challengeOf(email: string, options: { readonly deviceToken?: string | null } = {}): Promise<string> {
  const { tokens, challenge, userErrors } = await login(url, email, options);
  expect({ tokens, userErrors }).toEqual({ tokens: null, userErrors: [] });
  expect(challenge?.methods).toEqual(['TOTP', 'BACKUP_CODE']);
  return challenge?.token ?? '';
}

test('a person sets an authenticator app up and signs in with it, then with a backup code', async () => {
  const dora = await newcomer(url, { name: 'Dora' });
  const { data } = await dora.client.query('mutation { startTotpEnrollment { otpauthUri qrSvg userErrors { code } } }');
  expect(data.startTotpEnrollment).toMatchObject({
    otpauthUri: expect.stringMatching(/^otpauth:\/\/totp\//),
    qrSvg: expect.stringMatching(/^<svg /),
    userErrors: [],
  });
  const { app, backupCodes } = await enroll(dora);
  expect(backupCodes).toHaveLength(10);

  const byApp = await loginBy(url, 'completeMfa', {
    challenge: await challengeOf(emailOf('Dora')),
    method: 'TOTP',
    code: app.code(1),
  });
  const me = await as(byApp.tokens?.accessToken).query(
    '{ me { id twoFactor { enabled methods backupCodesLeft confirmedAt } } }',
  );
  expect(me.errors).toEqual([]);
  expect(me.data.me).toMatchObject({
    id: dora.userId,
    twoFactor: { enabled: true, methods: ['TOTP', 'BACKUP_CODE'], backupCodesLeft: 10 },
  });

  const backup = { method: 'BACKUP_CODE', code: backupCodes[3] };
  const byBackup = await loginBy(url, 'completeMfa', { challenge: await challengeOf(emailOf('Dora')), ...backup });
  expect(byBackup.tokens?.user.id).toBe(dora.userId);
  const again = await loginBy(url, 'completeMfa', { challenge: await challengeOf(emailOf('Dora')), ...backup });
  expect(again).toMatchObject({ tokens: null, userErrors: [{ code: 'INVALID_CODE' }] });
});

test('ID-50: the code that an enrolment was confirmed with does not sign in', async () => {
  const { email, usedCode } = await guarded('Emil');
  const challenge = await challengeOf(email);
  const answer = await loginBy(url, 'completeMfa', { challenge, method: 'TOTP', code: usedCode });
  expect(answer).toMatchObject({ tokens: null, userErrors: [{ code: 'INVALID_CODE' }] });
});

test('ID-54: the password alone opens nothing: no token, no cookie, no user, no refresh, no way around', async () => {
  const { email } = await guarded('Fay');
  const answer = await anonymous.query(
    `mutation ($input: LoginInput!) { login(input: $input) {
       tokens { accessToken user { id } session { id } } challenge { token methods expiresAt attemptsLeft }
       userErrors { code } } }`,
    { input: { email, password: newcomerPassword } },
  );
  expect(answer.headers.get('set-cookie')).toBeNull();
  expect(answer.data.login).toMatchObject({ tokens: null, challenge: { attemptsLeft: 5 }, userErrors: [] });
  const { token } = answer.data.login.challenge as { token: string };

  const bearer = await as(token).query('{ me { id email } }');
  expect(bearer.data?.me ?? null).toBeNull();
  expect(bearer.errors[0]?.extensions['code']).toBe('UNAUTHENTICATED');
  const attempts = [
    ['refreshTokens', 'RefreshTokensInput', { refreshToken: token }, 'tokens { accessToken }'],
    ['verifyEmail', 'VerifyEmailInput', { token }, 'verified'],
    ['resetPassword', 'ResetPasswordInput', { token, newPassword: 'another horse battery' }, 'reset'],
  ] as const;
  for (const [mutation, type, input, field] of attempts) {
    const { data } = await anonymous.query(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${field} userErrors { code } } }`,
      { input },
    );
    expect(data[mutation].userErrors).toHaveLength(1);
  }
});

test('ID-58: a device is trusted, and signs in with the password alone until it is revoked; then its sessions end', async () => {
  const { email, app, client } = await guarded('Gus');
  const first = await loginBy(url, 'completeMfa', {
    challenge: await challengeOf(email),
    method: 'TOTP',
    code: app.code(1),
    trustDevice: true,
  });
  const deviceToken = first.tokens?.deviceToken ?? '';
  const trusted = await login(url, email, { deviceToken });
  expect(trusted.challenge).toBeNull();
  await challengeOf(email);
  await challengeOf(email, { deviceToken: `${deviceToken.slice(0, -4)}AAAA` });

  const here = as(trusted.tokens?.accessToken);
  const { data } = await here.query('{ myDevices(first: 10) { nodes { id name trustedUntil isCurrent } } }');
  const device = data.myDevices.nodes.find(({ isCurrent }: { isCurrent: boolean }) => isCurrent);
  expect(device.trustedUntil).not.toBeNull();
  const revoked = await client.query(
    'mutation ($input: RevokeDeviceInput!) { revokeDevice(input: $input) { device { id } userErrors { code } } }',
    { input: { id: device.id } },
  );
  expect(revoked.data.revokeDevice).toEqual({ device: { id: device.id }, userErrors: [] });
  await challengeOf(email, { deviceToken });
  await eventually(async () => (await here.query('{ me { id } }')).errors[0]?.extensions['code'] === 'UNAUTHENTICATED');
});

test('ID-59: of a new device its owner is told once, in the inbox and by mail, and of a known one never', async () => {
  const someone = await newcomer(url, { name: 'Hal' });
  const email = emailOf('Hal');
  const second = await login(url, email);
  const deviceToken = second.tokens?.deviceToken ?? '';
  for (let time = 0; time < 3; time += 1) await login(url, email, { deviceToken });
  // A third device: what is told of it comes behind all that the others caused.
  const third = await login(url, email);

  const alerts = async () => {
    const { data, errors } = await someone.client.query(
      '{ me { notifications(first: 50, filter: { types: ["SECURITY_ALERT"] }) { nodes { type data } } } }',
    );
    expect(errors).toEqual([]);
    return data.me.notifications.nodes.map((node: { data: { sessionId: string } }) => node.data.sessionId) as string[];
  };
  await eventually(async () => (await alerts()).includes(third.tokens?.session.id ?? ''));
  expect((await alerts()).toSorted()).toEqual(
    [second.tokens?.session.id ?? '', third.tokens?.session.id ?? ''].toSorted(),
  );
  const mails = async () => {
    const { data } = await anonymous.query(
      'query ($email: String!) { capturedMessages(recipient: $email, first: 50) { nodes { subject } } }',
      { email },
    );
    return data.capturedMessages.nodes.filter(({ subject }: { subject: string }) => subject.startsWith('New sign-in'));
  };
  await eventually(async () => (await mails()).length >= 2);
  expect(await mails()).toHaveLength(2);
  const events = await someone.client.query('{ me { securityEvents(first: 20) { nodes { type } } } }');
  expect(
    events.data.me.securityEvents.nodes.filter(({ type }: { type: string }) => type === 'LOGIN_ON_NEW_DEVICE'),
  ).toHaveLength(2);
});

test('ID-48: after ten minutes a change of the second factor asks for a proof, which needs a code, and then goes on', async () => {
  const ida = await guarded('Ida');
  const database = new pg.Client({ connectionString: platform.databaseUrls['auth'] });
  await database.connect();
  await database.query("UPDATE sessions SET authenticated_at = now() - interval '601 seconds' WHERE id = $1", [
    ida.sessionId,
  ]);
  await database.end();
  const refreshed = await anonymous.query(
    'mutation ($input: RefreshTokensInput!) { refreshTokens(input: $input) { tokens { accessToken } } }',
    { input: { refreshToken: ida.refreshToken } },
  );
  const stale = as(refreshed.data.refreshTokens.tokens.accessToken);
  const disable = (client: GraphClient, code: string) =>
    client.query(
      'mutation ($input: DisableTwoFactorInput!) { disableTwoFactor(input: $input) { disabled userErrors { code } } }',
      { input: { code, method: 'BACKUP_CODE', password: newcomerPassword } },
    );
  const refused = await disable(stale, ida.backupCodes[0] ?? '');
  expect(refused.errors[0]?.extensions).toMatchObject({ code: 'STEP_UP_REQUIRED' });

  const prove = async (input: Readonly<Record<string, unknown>>) =>
    (
      await stale.query(
        `mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) {
           accessToken expiresAt userErrors { code } } }`,
        { input },
      )
    ).data.reauthenticate;
  expect(await prove({ password: newcomerPassword })).toMatchObject({
    accessToken: null,
    userErrors: [{ code: 'SECOND_FACTOR_REQUIRED' }],
  });
  const { accessToken } = await prove({ code: ida.app.code(1) });
  const done = await disable(as(accessToken), ida.backupCodes[0] ?? '');
  expect(done.data.disableTwoFactor).toEqual({ disabled: true, userErrors: [] });
  expect((await login(url, ida.email)).tokens).not.toBeNull();
});

test('a person signs in with a code from a mail, and with the authenticator app after it', async () => {
  const jan = await newcomer(url, { name: 'Jan' });
  const email = emailOf('Jan');
  const request = () =>
    anonymous.query('mutation ($input: RequestLoginCodeInput!) { requestLoginCode(input: $input) { accepted } }', {
      input: { email },
    });
  expect((await request()).data.requestLoginCode).toEqual({ accepted: true });
  const { app } = await enroll(jan);
  const { tokens, challenge } = await loginBy(url, 'loginWithCode', {
    email,
    code: await mailedLoginCode(anonymous, email),
  });
  expect(tokens).toBeNull();
  const answer = await loginBy(url, 'completeMfa', {
    challenge: challenge?.token,
    method: 'TOTP',
    code: app.code(1),
  });
  expect(answer.tokens?.user.id).toBe(jan.userId);
});

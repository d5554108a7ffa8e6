import { request } from 'node:http';
import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { getIntrospectionQuery } from 'graphql';
import type { IntrospectionQuery } from 'graphql';
import pg from 'pg';
import { enroll, login, loginBy } from '../graph/factors.js';
import { createGraphClient, mailedToken, newcomer, newcomerPassword, signIn } from '../graph/index.js';
import type { GraphAnswer } from '../graph/index.js';

const NEW = 'a brand new battery';
const REQUEST = `mutation ($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) { accepted userErrors { code } } }`;
const RESET = `mutation ($input: ResetPasswordInput!) {
  resetPassword(input: $input) { reset userErrors { code path } } }`;
const REGISTER = `mutation ($input: RegisterInput!) { register(input: $input) { accepted userErrors { code path } } }`;
const CHANGE = `mutation ($input: ChangePasswordInput!) {
  changePassword(input: $input) { changed userErrors { code path } } }`;
const ME = '{ me { id } }';
const MAILS = 'query ($email: String!) { capturedMessages(recipient: $email, first: 20) { nodes { subject text } } }';

let platform: Platform;
let credentials: pg.Pool;
beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
  credentials = new pg.Pool({ connectionString: platform.databaseUrls['auth'], max: 2 });
  credentials.on('error', () => undefined);
}, 60_000);
afterAll(async () => {
  await credentials?.end();
  await platform?.stop();
});

const anonymous = () => createGraphClient(platform.url);
const mailsTo = async (email: string): Promise<{ subject: string; text: string }[]> =>
  (await anonymous().query(MAILS, { email })).data.capturedMessages.nodes;
const askForReset = (email: string) => anonymous().query(REQUEST, { input: { email } });
const reset = async (token: string, newPassword = NEW) =>
  (await anonymous().query(RESET, { input: { token, newPassword } })).data.resetPassword;
const code = ({ errors }: GraphAnswer) => errors[0]?.extensions['code'];

test('ID-03: whoever registers an address that has an account gets the same answer, and its owner a mail', async () => {
  await newcomer(platform.url, { name: 'Holder' });
  const input = (email: string) => ({ input: { email, password: 'another battery', displayName: 'Bob' } });
  const fresh = await anonymous().query(REGISTER, input('fresh-one@example.com'));
  const taken = await anonymous().query(REGISTER, input('HOLDER@example.com'));
  expect(taken.data).toEqual(fresh.data);
  expect(taken.status).toBe(fresh.status);
  const mail = await eventually(async () =>
    (await mailsTo('holder@example.com')).find(({ subject }) => subject === 'You already have an account'),
  );
  expect(mail.text).not.toContain('token=');
  expect((await login(platform.url, 'holder@example.com')).tokens).not.toBeNull();
  const { rows } = await credentials.query(
    `SELECT 1 FROM credentials c LEFT JOIN one_time_tokens t USING (user_id)
      WHERE email_canonical = 'holder@example.com' AND t.consumed_at IS NULL AND t.hash IS NOT NULL`,
  );
  expect(rows).toEqual([]);
});

test('ID-04: a lost password gets the same answer for every address', async () => {
  await newcomer(platform.url, { name: 'Forgetful' });
  const answers = await Promise.all(['forgetful@example.com', 'nobody@example.com', 'no address'].map(askForReset));
  for (const { data, errors, status } of answers)
    expect({ data, errors, status }).toEqual({
      data: { requestPasswordReset: { accepted: true, userErrors: [] } },
      errors: [],
      status: 200,
    });
});

test('ID-42 ID-43: a reset works once, ends every session within a second, and the second factor is still asked for', async () => {
  const person = await newcomer(platform.url, { name: 'Resetting' });
  const { app } = await enroll(person);
  const challenged = await login(platform.url, 'resetting@example.com');
  const trusted = await loginBy(platform.url, 'completeMfa', {
    challenge: challenged.challenge?.token,
    method: 'TOTP',
    code: app.code(1),
    trustDevice: true,
  });
  const { deviceToken = null } = trusted.tokens ?? {};
  expect((await login(platform.url, 'resetting@example.com', { deviceToken })).tokens).not.toBeNull();
  await askForReset('resetting@example.com');
  const token = await mailedToken(anonymous(), { email: 'resetting@example.com', page: 'reset-password' });
  const answers = await Promise.all(Array.from({ length: 5 }, (_, index) => reset(token, `${NEW} ${index}`)));
  const winner = answers.findIndex((answer) => answer.reset === true);
  expect(answers.filter((answer) => answer.reset === true)).toHaveLength(1);
  await eventually(async () => code(await person.client.query(ME)) === 'UNAUTHENTICATED');
  const again = await loginBy(platform.url, 'login', {
    email: 'resetting@example.com',
    password: `${NEW} ${winner}`,
    deviceToken,
  });
  expect(again.tokens).toBeNull();
  expect(again.challenge?.methods).toContain('TOTP');
  const notice = await eventually(async () =>
    (await mailsTo('resetting@example.com')).find(({ subject }) => subject === 'Your password was set anew'),
  );
  expect(notice.text).not.toContain('token=');
});

/** fetch sends no Host header that somebody made up. */
function askWithHost(email: string): Promise<number> {
  const { hostname, port, pathname } = new URL(platform.url);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        path: pathname,
        method: 'POST',
        headers: {
          host: 'evil.example',
          'x-forwarded-host': 'evil.example',
          forwarded: 'host=evil.example',
          'content-type': 'application/json',
        },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify({ query: REQUEST, variables: { input: { email } } }));
  });
}

test('ID-44: the host of a link comes from the configuration, whatever a request says', async () => {
  await newcomer(platform.url, { name: 'Poisoned' });
  expect(await askWithHost('poisoned@example.com')).toBe(200);
  await mailedToken(anonymous(), { email: 'poisoned@example.com', page: 'reset-password' });
  const mails = await mailsTo('poisoned@example.com');
  const hosts = mails.flatMap(({ text }) => [...text.matchAll(/https?:\/\/([^/\s]+)/g)].map(([, host]) => host));
  expect(new Set(hosts)).toEqual(new Set([`localhost:${new URL(platform.url).port}`]));
  expect(JSON.stringify(mails)).not.toContain('evil.example');
});

test('ID-46: a program that opens the link of a mail uses nothing up', async () => {
  await newcomer(platform.url, { name: 'Scanned' });
  await askForReset('scanned@example.com');
  const token = await mailedToken(anonymous(), { email: 'scanned@example.com', page: 'reset-password' });
  const link = new URL(`/reset-password?token=${token}`, platform.url);
  for (const method of ['HEAD', 'GET', 'GET']) expect((await fetch(link, { method })).status).toBe(200);
  expect(await reset(token)).toEqual({ reset: true, userErrors: [] });
});

test('a changed password ends the other sessions, and the one that changed it goes on', async () => {
  const here = await newcomer(platform.url, { name: 'Changing' });
  const there = await signIn(platform.url, { email: 'changing@example.com', password: newcomerPassword });
  const input = { currentPassword: newcomerPassword, newPassword: NEW };
  expect((await here.client.query(CHANGE, { input })).data.changePassword).toEqual({ changed: true, userErrors: [] });
  await eventually(async () => code(await there.client.query(ME)) === 'UNAUTHENTICATED');
  expect((await here.client.query(ME)).data.me).toEqual({ id: here.userId });
  await eventually(async () =>
    (await mailsTo('changing@example.com')).find(({ subject }) => subject === 'Your password was changed'),
  );
});

test('ID-48: with a sign-in of more than ten minutes ago neither password nor address can be changed', async () => {
  const person = await newcomer(platform.url, { name: 'Stale' });
  await credentials.query(
    "UPDATE sessions SET authenticated_at = authenticated_at - interval '11 minutes' WHERE id = $1",
    [person.sessionId],
  );
  const refreshed = await anonymous().query(
    'mutation ($t: String!) { refreshTokens(input: { refreshToken: $t }) { tokens { accessToken } } }',
    { t: person.refreshToken },
  );
  const stale = createGraphClient(platform.url, { token: refreshed.data.refreshTokens.tokens.accessToken });
  const wishes = [
    [CHANGE, { currentPassword: newcomerPassword, newPassword: NEW }],
    [
      'mutation ($input: RequestEmailChangeInput!) { requestEmailChange(input: $input) { accepted } }',
      { newEmail: 'x@example.com' },
    ],
  ] as const;
  for (const [mutation, input] of wishes) {
    const answer = await stale.query(mutation, { input });
    expect(answer.errors[0]?.extensions).toMatchObject({ code: 'STEP_UP_REQUIRED', maxAgeSeconds: 600 });
  }
  expect((await stale.query(ME)).data.me).toEqual({ id: person.userId });
  expect((await login(platform.url, 'stale@example.com')).tokens).not.toBeNull();
});

test('an address is changed: proved at the new one, told at the old one, and everybody knows', async () => {
  const person = await newcomer(platform.url, { name: 'Moving' });
  const asked = await person.client.query(
    'mutation ($input: RequestEmailChangeInput!) { requestEmailChange(input: $input) { accepted userErrors { code } } }',
    { input: { newEmail: 'Moved@example.com' } },
  );
  expect(asked.data.requestEmailChange).toEqual({ accepted: true, userErrors: [] });
  const token = await mailedToken(anonymous(), { email: 'moved@example.com', page: 'confirm-email-change' });
  await eventually(async () =>
    (await mailsTo('moving@example.com')).find(({ subject }) => subject.startsWith('Another e-mail address')),
  );
  const confirmed = await anonymous().query(
    'mutation ($input: ConfirmEmailChangeInput!) { confirmEmailChange(input: $input) { changed userErrors { code } } }',
    { input: { token } },
  );
  expect(confirmed.data.confirmEmailChange).toEqual({ changed: true, userErrors: [] });
  await eventually(async () => (await person.client.query('{ me { email } }')).data.me.email === 'Moved@example.com');
  await eventually(async () =>
    (await mailsTo('moving@example.com')).find(({ subject }) => subject === 'Your account has another e-mail address'),
  );
  expect((await login(platform.url, 'moved@example.com')).tokens).not.toBeNull();
  expect((await login(platform.url, 'moving@example.com')).userErrors[0]?.code).toBe('INVALID_CREDENTIALS');
});

test('ID-15 ID-23: what no text can hold is refused as such, in a password and anywhere else', async () => {
  const odd = ['a\u0000b correct battery', 'a\ud800b correct battery'];
  for (const text of odd) {
    for (const input of [
      { email: 'odd@example.com', password: text, displayName: 'Odd' },
      { email: text, password: newcomerPassword, displayName: 'Odd' },
      { email: 'odd@example.com', password: newcomerPassword, displayName: text },
    ]) {
      const answer = await anonymous().query(REGISTER, { input });
      expect(code(answer)).toBe('BAD_USER_INPUT');
    }
    const answer = await anonymous().query(
      'mutation ($input: LoginInput!) { login(input: $input) { userErrors { code } } }',
      {
        input: { email: 'odd@example.com', password: text },
      },
    );
    expect(code(answer)).toBe('BAD_USER_INPUT');
  }
});

test('ID-15: blanks, case and characters of all kinds of a password count as they are', async () => {
  const password = '  Sp\u00e4ter \u{1f40e}  ';
  const email = 'exactly@example.com';
  await anonymous().query(REGISTER, { input: { email, password, displayName: 'Exact' } });
  const token = await mailedToken(anonymous(), { email, page: 'verify-email' });
  await anonymous().query('mutation ($t: String!) { verifyEmail(input: { token: $t }) { verified } }', { t: token });
  const tokensFor = async (typed: string) => (await loginBy(platform.url, 'login', { email, password: typed })).tokens;
  expect(await tokensFor(password)).not.toBeNull();
  expect(await tokensFor(password.normalize('NFD'))).not.toBeNull();
  expect(await tokensFor(password.trim())).toBeNull();
  expect(await tokensFor(password.toLowerCase())).toBeNull();
});

test('ID-19: nobody sets the password of somebody else: there is no such mutation', async () => {
  const { data } = await anonymous().query(getIntrospectionQuery());
  const { __schema: schema } = data as IntrospectionQuery;
  const typeOf = (name: string | undefined) => schema.types.find((type) => type.name === name);
  const nameOf = (type: unknown): string => {
    const { name, ofType } = type as { name: string | null; ofType?: unknown };
    return name ?? nameOf(ofType);
  };
  const fieldsOf = (name: string): string[] => {
    const type = typeOf(name);
    return type?.kind === 'INPUT_OBJECT' ? type.inputFields.map((field) => field.name) : [];
  };
  const mutations = typeOf(schema.mutationType?.name);
  if (mutations?.kind !== 'OBJECT') throw new Error('there are no mutations');
  const takers = mutations.fields
    .map(({ name, args }) => ({ name, fields: args.flatMap((arg) => [arg.name, ...fieldsOf(nameOf(arg.type))]) }))
    .filter(({ fields }) => fields.some((field) => /password|passphrase/i.test(field)));
  // Each of them is about the one who calls it, who proves that with a password, a token or a session.
  for (const { name, fields } of takers) {
    expect({ name, about: fields.filter((field) => /^(?:userId|id|user|accountId)$/.test(field)) }).toEqual({
      name,
      about: [],
    });
  }
  const setters = takers.filter(({ fields }) => fields.includes('newPassword')).map(({ name }) => name);
  expect(setters.toSorted()).toEqual(['changePassword', 'resetPassword']);
  expect(takers.map(({ name }) => name).filter((name) => /admin/i.test(name))).toEqual([]);
});

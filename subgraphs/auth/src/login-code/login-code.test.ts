import { createSealer } from '@orion/platform/sealing';
import { eventually } from '@orion/platform/testing';
import pg from 'pg';
import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';
import { completeMfa, enrolled, person } from '../testing/people.js';

let auth: AuthFixture;
let bus: pg.Pool;
beforeAll(async () => {
  auth = await startAuth();
  bus = new pg.Pool({ connectionString: auth.busUrl, max: 1 });
  bus.on('error', () => undefined);
});
afterAll(async () => {
  await bus?.end();
  await auth?.stop();
});

const request = async (email: string) =>
  (
    await auth.query(
      'mutation ($input: RequestLoginCodeInput!) { requestLoginCode(input: $input) { accepted userErrors { code } } }',
      { variables: { input: { email } } },
    )
  ).data.requestLoginCode;
const login = async (email: string, code: string) =>
  (
    await auth.query(
      `mutation ($input: LoginWithCodeInput!) { loginWithCode(input: $input) { userErrors { code path }
         challenge { token } tokens { accessToken session { id } user { id } } } }`,
      { variables: { input: { email, code } } },
    )
  ).data.loginWithCode;
/** Codes that were mailed, in order, as the notification subgraph would read them; once there are `least` of them. */
const mailed = (email: string, least: number): Promise<string[]> =>
  eventually(async () => {
    const { rows } = await bus.query<{ sealed: string }>(
      `SELECT envelope->'data'->>'code' AS sealed FROM log
        WHERE envelope->>'type' = 'dev.orion.user.login_code_requested.v1' AND envelope->'data'->>'email' = $1
        ORDER BY envelope->>'id'`,
      [email],
    );
    const sealer = createSealer(auth.environment['ORION_SEALING_KEY'] ?? '');
    return rows.length >= least && rows.map(({ sealed }) => sealer.open(sealed, 'mail:login-code'));
  });
async function codeFor(email: string, nth = 1): Promise<string> {
  await request(email);
  return (await mailed(email, nth))[nth - 1] ?? '';
}
const other = (code: string) => (code === '00000000' ? '11111111' : '00000000');
const codesOf = ({ userErrors }: { readonly userErrors: readonly { readonly code: string }[] }) =>
  userErrors.map(({ code }) => code);

test('a code from a mail signs in once', async () => {
  const someone = await person(auth, 'code@example.com');
  const code = await codeFor(someone.email);
  expect(code).toMatch(/^[0-9]{8}$/);
  const { tokens } = await login('Code@Example.com', code);
  expect(tokens.user.id).toBe(someone.userId);
  expect(codesOf(await login(someone.email, code))).toEqual(['INVALID_CODE']);
});

test('of 20 uses at once of one code one signs in', async () => {
  const someone = await person(auth, 'race@example.com');
  const code = await codeFor(someone.email);
  const answers = await Promise.all(Array.from({ length: 20 }, () => login(someone.email, code)));
  expect(answers.filter(({ tokens }) => tokens !== null)).toHaveLength(1);
});

test('five wrong codes end it, also when they come at once', async () => {
  const someone = await person(auth, 'five@example.com');
  const code = await codeFor(someone.email);
  await Promise.all(Array.from({ length: 20 }, () => login(someone.email, other(code))));
  expect(await auth.sql('SELECT attempts FROM login_codes WHERE user_id = $1', [someone.userId])).toEqual([
    { attempts: 5 },
  ]);
  expect(codesOf(await login(someone.email, code))).toEqual(['INVALID_CODE']);
});

test('only the newest works, for ten minutes, and for the one it was mailed to', async () => {
  const [someone, neighbour] = [await person(auth, 'newest@example.com'), await person(auth, 'next@example.com')];
  const [first, second] = [await codeFor(someone.email), await codeFor(someone.email, 2)];
  expect(codesOf(await login(neighbour.email, second))).toEqual(['INVALID_CODE']);
  if (first !== second) expect(codesOf(await login(someone.email, first))).toEqual(['INVALID_CODE']);
  await auth.sql("UPDATE login_codes SET expires_at = expires_at - interval '10 minutes'");
  expect(codesOf(await login(someone.email, second))).toEqual(['INVALID_CODE']);
});

test('an address without an account gets the same answers, and nobody more than three mails an hour', async () => {
  const someone = await person(auth, 'mails@example.com');
  const answers = [];
  for (let time = 0; time < 5; time += 1)
    answers.push(await request(someone.email), await request('nobody@example.com'), await request('no address'));
  expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
    new Set([JSON.stringify({ accepted: true, userErrors: [] })]),
  );
  expect(await mailed(someone.email, 3)).toHaveLength(3);
  expect(await login('nobody@example.com', '12345678')).toEqual(await login(someone.email, other('12345678')));
});

test('a code does not take the place of the second factor', async () => {
  const owner = await enrolled(auth, 'second@example.com');
  const { tokens, challenge } = await login(owner.email, await codeFor(owner.email));
  expect(tokens).toBeNull();
  const completed = await completeMfa(auth, { challenge: challenge.token, code: owner.app.code(1) });
  expect(completed.tokens.user.id).toBe(owner.userId);
});

test('it proves the address, and what somebody else registered before that is worth nothing', async () => {
  await auth.register('victim@example.com', { password: 'password of the attacker' });
  const { tokens } = await login('victim@example.com', await codeFor('victim@example.com'));
  expect(tokens).not.toBeNull();
  expect(codesOf(await auth.login('victim@example.com', { password: 'password of the attacker' }))).toEqual([
    'INVALID_CREDENTIALS',
  ]);
});

test.each(['1234567', '123456789', '\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18', '1234 5678', ''])(
  'ID-27: %j is no code from a mail',
  async (code) => {
    expect(codesOf(await login('code@example.com', code))).toEqual(['CODE_MALFORMED']);
  },
);

test('the database knows no code', async () => {
  const someone = await person(auth, 'hidden@example.com');
  const code = await codeFor(someone.email);
  const [row] = await auth.sql<{ everything: string; found: boolean }>(
    `SELECT l::text AS everything, hash = sha256($2::bytea) AS found FROM login_codes l WHERE user_id = $1`,
    [someone.userId, code],
  );
  expect(row?.everything).not.toContain(code);
  expect(row?.found).toBe(false);
});

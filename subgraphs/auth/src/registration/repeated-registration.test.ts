import { eventually } from '@orion/platform/testing';
import { PASSWORD, startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth?.stop());

const REGISTERED = 'dev.orion.user.registered.v1';
const REQUESTED = 'dev.orion.user.verification_requested.v1';
const REPEATED = 'dev.orion.user.registration_repeated.v1';
const VERIFY = 'mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) { verified } }';
const RESEND =
  'mutation ($input: ResendVerificationInput!) { resendVerification(input: $input) { accepted userErrors { code } } }';
const verify = async (token: string) =>
  (await auth.query(VERIFY, { variables: { input: { token } } })).data.verifyEmail.verified as boolean;
const resend = async (email: string) => (await auth.query(RESEND, { variables: { input: { email } } })).data;
const accountOf = async (email: string) =>
  (await auth.sql('SELECT * FROM credentials WHERE email_canonical = lower($1)', [email]))[0];
/** Announcements go through the outbox: nothing more comes when it is empty. */
const noneLeft = () => eventually(async () => (await auth.sql('SELECT 1 FROM outbox')).length === 0);

test('until the address is verified the latest registration counts, and only its link works', async () => {
  const first = await auth.register('squatted@example.com', { password: 'the squatter was here' });
  const before = await accountOf('squatted@example.com');
  expect(await auth.register('Squatted@Example.com')).toEqual(first);
  const { types, tokens } = await auth.announcements('squatted@example.com', { least: 2 });
  expect(types).toEqual([REGISTERED, REQUESTED]);
  expect(await accountOf('squatted@example.com')).toMatchObject({
    user_id: before?.['user_id'],
    email: 'Squatted@Example.com',
  });
  expect(await verify(tokens[0] ?? '')).toBe(false);
  expect(await verify(tokens[1] ?? '')).toBe(true);
  expect((await auth.login('squatted@example.com', { password: 'the squatter was here' })).tokens).toBeNull();
  expect((await auth.login('squatted@example.com', { password: PASSWORD })).tokens).not.toBeNull();
});

test('a verified account stays as it is, and its owner is told', async () => {
  await auth.member('owner@example.com');
  const before = await accountOf('owner@example.com');
  const answer = await auth.register('OWNER@example.com', { password: 'another password entirely' });
  expect(answer).toEqual({ accepted: true, userErrors: [] });
  expect((await auth.announcements('owner@example.com', { least: 2 })).types).toEqual([REGISTERED, REPEATED]);
  expect(await accountOf('owner@example.com')).toEqual(before);
  expect(
    await auth.sql('SELECT 1 FROM one_time_tokens WHERE user_id = $1 AND consumed_at IS NULL', [before?.['user_id']]),
  ).toEqual([]);
});

test('an hour has three such mails for one address; beyond them password and link stay as they are', async () => {
  await auth.register('flooded@example.com');
  const passwords = Array.from({ length: 12 }, (_, index) => `password number ${index}`);
  const answers = await Promise.all(passwords.map((password) => auth.register('flooded@example.com', { password })));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  const { types, tokens } = await auth.announcements('flooded@example.com', { least: 4 });
  const before = await accountOf('flooded@example.com');
  await resend('flooded@example.com');
  await auth.register('flooded@example.com', { password: 'one password too many' });
  await noneLeft();
  expect((await auth.announcements('flooded@example.com')).types).toEqual(types);
  expect(types).toEqual([REGISTERED, REQUESTED, REQUESTED, REQUESTED]);
  expect(await accountOf('flooded@example.com')).toEqual(before);
  // Order of events of one key is the order of commits, so the last token is the one that counts.
  expect(await verify(tokens.at(-1) ?? '')).toBe(true);
  const outcomes = await Promise.all(
    passwords.slice(0, 4).map((password) => auth.login('flooded@example.com', { password })),
  );
  expect(outcomes.filter(({ tokens: given }) => given !== null).length).toBeLessThanOrEqual(1);
});

test('the next hour has mails again', async () => {
  await auth.register('patient@example.com');
  for (let round = 0; round < 4; round += 1) await resend('patient@example.com');
  expect((await auth.announcements('patient@example.com', { least: 4 })).types).toHaveLength(4);
  await auth.sql("UPDATE rate_limits SET since = since - interval '61 minutes' WHERE purpose = 'mail'");
  await resend('patient@example.com');
  expect((await auth.announcements('patient@example.com', { least: 5 })).types).toHaveLength(5);
});

test('another mail can be asked for: the answer is the same for every address, and the password stays', async () => {
  await auth.register('lost@example.com');
  await auth.member('known@example.com');
  const answers = await Promise.all(
    ['lost@example.com', 'known@example.com', 'nobody@example.com', 'no address'].map(resend),
  );
  for (const answer of answers) expect(answer).toEqual({ resendVerification: { accepted: true, userErrors: [] } });
  const { types, tokens } = await auth.announcements('lost@example.com', { least: 2 });
  expect(types).toEqual([REGISTERED, REQUESTED]);
  expect((await auth.announcements('known@example.com', { least: 2 })).types).toEqual([REGISTERED, REPEATED]);
  expect(await verify(tokens[0] ?? '')).toBe(false);
  expect(await verify(tokens[1] ?? '')).toBe(true);
  expect((await auth.login('lost@example.com')).tokens).not.toBeNull();
});

test('whoever verifies while another link is asked for uses their own up, or finds it replaced', async () => {
  for (let round = 0; round < 20; round += 1) {
    const email = `race-${round}@example.com`;
    await auth.register(email);
    const token = await auth.verificationToken(email);
    // In both orders: which one gets the account first is for the database to say.
    const racers = [() => verify(token), () => resend(email)];
    const answers = await Promise.all((round % 2 === 0 ? racers : racers.toReversed()).map((race) => race()));
    const verified = answers.find((answer) => typeof answer === 'boolean') === true;
    const { types, tokens } = await auth.announcements(email, { least: 2 });
    expect(types).toEqual([REGISTERED, verified ? REPEATED : REQUESTED]);
    expect((await accountOf(email))?.['email_verified_at'] !== null).toBe(verified);
    if (!verified) expect(await verify(tokens[1] ?? '')).toBe(true);
  }
});

test('time does not tell the cases apart', async () => {
  await auth.register('timed-unverified@example.com');
  await auth.member('timed-verified@example.com');
  const took = async (email: string) => {
    const start = performance.now();
    await resend(email);
    return performance.now() - start;
  };
  for (const email of ['timed-unverified@example.com', 'timed-verified@example.com', 'timed-nobody@example.com', '?']) {
    expect(await took(email)).toBeGreaterThanOrEqual(49);
  }
});

import { PASSWORD, startCredentials } from '../testing/credential-fixture.js';
import type { CredentialFixture } from '../testing/credential-fixture.js';

let credentials: CredentialFixture;
beforeAll(async () => {
  credentials = await startCredentials();
});
afterAll(() => credentials?.stop());

const ORIGIN = { ip: null, userAgent: null };
const ROUNDS = 50;
const WIDTH = 20;
const hashOf = async (userId: string) =>
  (
    await credentials.database.query<{ hash: string }[]>(
      'SELECT password_hash AS hash FROM credentials WHERE user_id = $1',
      [userId],
    )
  )[0]?.hash ?? '';

test('ID-42: of 20 uses of one token at once exactly one sets the password, 50 times over', async () => {
  const { resets, hasher } = credentials;
  const userId = await credentials.account('reset@example.com');
  for (let round = 0; round < ROUNDS; round += 1) {
    await credentials.database.transaction((manager) => resets.issue(manager, userId));
    const token = await credentials.mailed(userId, 'reset');
    const answers = await Promise.all(
      Array.from({ length: WIDTH }, (_, index) =>
        resets.reset({ token, newPassword: `battery number ${round} of ${index}` }, ORIGIN),
      ),
    );
    const winners = answers.flatMap((errors, index) => (errors.length === 0 ? [index] : []));
    expect(winners).toHaveLength(1);
    const losers = answers.filter((errors) => errors.length > 0).map(([error]) => error?.code);
    expect(new Set(losers)).toEqual(new Set(['INVALID_TOKEN']));
    expect(await hasher.verify(`battery number ${round} of ${winners[0]}`, await hashOf(userId))).toBe(true);
  }
});

test('ID-42: of a use and a new request at once either the token was used or it is dead', async () => {
  const { resets, database } = credentials;
  for (let round = 0; round < ROUNDS; round += 1) {
    const userId = await credentials.account(`again-${round}@example.com`);
    await database.transaction((manager) => resets.issue(manager, userId));
    const token = await credentials.mailed(userId, 'reset');
    const use = () => resets.reset({ token, newPassword: 'battery of the first one' }, ORIGIN);
    const ask = () => database.transaction((manager) => resets.issue(manager, userId));
    const racers = [use, ask];
    await Promise.all((round % 2 === 0 ? racers : racers.toReversed()).map((race) => race()));
    expect((await use())[0]?.code).toBe('INVALID_TOKEN');
    const open = await database.query('SELECT 1 FROM password_resets WHERE user_id = $1 AND consumed_at IS NULL', [
      userId,
    ]);
    expect((open as unknown[]).length).toBeLessThanOrEqual(1);
  }
});

test('ID-26: of 50 registrations of one address in all spellings one makes the account, and none fails, 50 times over', async () => {
  const { registration, database } = credentials;
  const spellings = ['race@example.com', 'Race@Example.com', 'RACE@EXAMPLE.COM', 'rAcE@eXaMpLe.CoM'];
  for (let round = 0; round < ROUNDS; round += 1) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        registration.register({
          email: `${round}${spellings[index % spellings.length]}`,
          password: PASSWORD,
          displayName: 'Alice',
          locale: 'en',
        }),
      ),
    );
    expect(answers.flat()).toEqual([]);
    expect(
      await database.query('SELECT 1 FROM credentials WHERE email_canonical = $1', [`${round}race@example.com`]),
    ).toHaveLength(1);
  }
}, 120_000);

test('of a change to an address and its registration at once one gets it', async () => {
  const { emailChanges, registration, database } = credentials;
  for (let round = 0; round < ROUNDS; round += 1) {
    const email = `wanted-${round}@example.com`;
    const userId = await credentials.account(`mover-${round}@example.com`);
    const viewer = await credentials.signIn(userId);
    expect(await emailChanges.request(viewer, email, ORIGIN)).toEqual([]);
    const token = await credentials.mailed(userId, 'change');
    const newcomer = { email, password: PASSWORD, displayName: 'Bob', locale: 'en' };
    const confirm = async () => (await emailChanges.confirm(token, ORIGIN))[0]?.code ?? 'CHANGED';
    const [first, second] = await Promise.all(
      round % 2 === 0 ? [confirm(), registration.register(newcomer)] : [registration.register(newcomer), confirm()],
    );
    const outcome = round % 2 === 0 ? first : second;
    const holders = await database.query<{ id: string }[]>(
      'SELECT user_id AS id FROM credentials WHERE email_canonical = $1',
      [email],
    );
    expect(holders).toHaveLength(1);
    expect(holders[0]?.id === userId ? 'CHANGED' : 'EMAIL_TAKEN').toBe(outcome);
  }
});

test('ID-42: of 20 confirmations of one change at once exactly one counts', async () => {
  const { emailChanges } = credentials;
  for (let round = 0; round < ROUNDS; round += 1) {
    const userId = await credentials.account(`confirm-${round}@example.com`);
    await emailChanges.request(await credentials.signIn(userId), `confirmed-${round}@example.com`, ORIGIN);
    const token = await credentials.mailed(userId, 'change');
    const answers = await Promise.all(Array.from({ length: WIDTH }, () => emailChanges.confirm(token, ORIGIN)));
    expect(answers.filter((errors) => errors.length === 0)).toHaveLength(1);
  }
});

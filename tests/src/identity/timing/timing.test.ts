import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import pg from 'pg';
import { createRandom } from '../../faults/random.js';
import { createGraphClient } from '../../graph/index.js';
import { compare } from './rank-test.js';
import type { Comparison } from './rank-test.js';

/** Pairs of a round: enough to see a lookup that is left out; more with ORION_TIMING_PAIRS=200. */
const PAIRS = Number(process.env['ORION_TIMING_PAIRS'] ?? 60);
/** By chance one round in a hundred looks as if there were something; three in a row hardly ever do. */
const ROUNDS = 3;
const SIGNIFICANT = 0.01;
const NOTICEABLE = 0.05;
/** An address rests after five wrong passwords: the sixth would not be what is measured. */
const WRONG_PASSWORDS = 4;
const SEED = Number(process.env['ORION_TIMING_SEED'] ?? Date.now() % 1_000_000_000);

const random = createRandom(SEED);
let platform: Platform;
let credentials: pg.Pool;
beforeAll(async () => {
  process.stdout.write(`times: ${PAIRS} pairs a round, ORION_TIMING_SEED=${SEED}\n`);
  platform = await startPlatform({ mode: 'test', env: { LOGIN_FAILURES_PER_NETWORK: '1000000' } });
  credentials = new pg.Pool({ connectionString: platform.databaseUrls['auth'], max: 1 });
  credentials.on('error', () => undefined);
}, 60_000);
afterAll(async () => {
  await credentials?.end();
  await platform?.stop();
});

const PASSWORD = 'correct horse battery';
const REGISTER =
  'mutation ($input: RegisterInput!) { register(input: $input) { accepted userErrors { code message path } } }';
const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) {
  tokens { accessToken } challenge { token } userErrors { code message path } } }`;
const RESET = `mutation ($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) { accepted userErrors { code message path } } }`;

interface Sent {
  readonly document: string;
  readonly input: Readonly<Record<string, unknown>>;
}

let count = 0;
/** An address that nobody has, of the same length as all others. */
const address = (kind: 'known' | 'other') => `${kind}-${String((count += 1)).padStart(6, '0')}@example.com`;
const newcomer = (email: string): Sent => ({
  document: REGISTER,
  input: { email, password: PASSWORD, displayName: 'Alice' },
});

/** An address with a verified account. */
async function member(): Promise<string> {
  const email = address('known');
  const { document, input } = newcomer(email);
  await createGraphClient(platform.url).query(document, { input });
  await credentials.query('UPDATE credentials SET email_verified_at = now() WHERE email = $1', [email]);
  return email;
}

/** The bytes of the answer without the id of the request, and how long they took. */
async function send({ document, input }: Sent): Promise<{ readonly bytes: string; readonly ms: number }> {
  const body = JSON.stringify({ query: document, variables: { input } });
  const start = performance.now();
  const response = await fetch(platform.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const text = await response.text();
  const ms = performance.now() - start;
  return { bytes: `${response.status} ${text.replace(/"requestId":"[^"]*"/g, '')}`, ms };
}

/** One request of each kind of a pair. */
interface Pair {
  readonly known: Sent;
  readonly unknown: Sent;
}

/** Runs pairs in random order within each; all answers have to be the same. */
async function measure(pairs: readonly Pair[]): Promise<Comparison> {
  const times: Record<keyof Pair, number[]> = { known: [], unknown: [] };
  const answers = new Set<string>();
  for (const pair of pairs) {
    const order: (keyof Pair)[] = random.next() < 0.5 ? ['known', 'unknown'] : ['unknown', 'known'];
    for (const which of order) {
      const { bytes, ms } = await send(pair[which]);
      times[which].push(ms);
      answers.add(bytes);
    }
  }
  expect([...answers]).toHaveLength(1);
  return compare(times.known, times.unknown);
}

/** Measures again while a round looks as if time told something; fails when every round does. */
async function expectSameTime(makePairs: () => Promise<readonly Pair[]>): Promise<void> {
  const rounds: Comparison[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const comparison = await measure(await makePairs());
    if (comparison.p >= SIGNIFICANT || comparison.difference <= NOTICEABLE) return;
    rounds.push(comparison);
  }
  throw new Error(`time tells the cases apart (ORION_TIMING_SEED=${SEED}): ${JSON.stringify(rounds)}`);
}

const times = (length: number) => Array.from({ length }, (_, index) => index);

test('ID-01: a login at an address without an account takes as long as a wrong password, and says the same', async () => {
  const login = (email: string): Sent => ({ document: LOGIN, input: { email, password: 'wrong battery' } });
  await expectSameTime(async () => {
    const pairs: Pair[] = [];
    for (let made = 0; made < PAIRS; made += WRONG_PASSWORDS) {
      const [known, unknown] = [await member(), address('other')];
      pairs.push(...times(WRONG_PASSWORDS).map(() => ({ known: login(known), unknown: login(unknown) })));
    }
    return pairs;
  });
}, 120_000);

test('ID-03: a registration takes as long and says the same when the address has an account', async () => {
  const known = await Promise.all(times(5).map(member));
  await expectSameTime(() =>
    Promise.resolve(
      times(PAIRS).map((index) => ({
        known: newcomer(known[index % known.length] ?? ''),
        unknown: newcomer(address('other')),
      })),
    ),
  );
}, 120_000);

test('ID-04: a lost password takes as long and gets the same answer for every address', async () => {
  const known = await Promise.all(times(PAIRS).map(member));
  const lost = (email: string): Sent => ({ document: RESET, input: { email } });
  await expectSameTime(() =>
    Promise.resolve(
      times(PAIRS).map((index) => ({ known: lost(known[index] ?? ''), unknown: lost(address('other')) })),
    ),
  );
}, 120_000);

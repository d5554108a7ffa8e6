import { startCredentials } from '../testing/credential-fixture.js';
import type { CredentialFixture } from '../testing/credential-fixture.js';
import { createAttempts } from './attempts.js';
import { createLoginGuard } from './login-guard.js';

let credentials: CredentialFixture;
beforeAll(async () => {
  credentials = await startCredentials();
});
afterAll(() => credentials?.stop());

const ORIGIN = { ip: '192.0.2.1', userAgent: 'test', deviceId: null };

test('ID-07: of 20 wrong passwords at once exactly five are compared, 50 times over', async () => {
  const { database, hasher, sealer } = credentials;
  const guard = createLoginGuard(database, { sealer, failuresPerNetwork: 1_000_000 });
  const stored = await hasher.hash('correct horse battery');
  for (let round = 0; round < 50; round += 1) {
    const email = `round-${round}@example.com`;
    let compared = 0;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        guard.run({ ...ORIGIN, email }, async (mayTry) => {
          if (mayTry) compared += 1;
          return { matches: await hasher.verify('wrong password', mayTry ? stored : null) };
        }),
      ),
    );
    expect({ round, compared }).toEqual({ round, compared: 5 });
    expect(answers.some(({ matches }) => matches)).toBe(false);
  }
});

test('ID-12: nine, ten and eleven are counted as numbers', async () => {
  const { database } = credentials;
  for (const limit of [9, 10, 11, 100]) {
    const attempts = createAttempts(database, {
      limit: { purpose: 'login-network', limit, windowSeconds: 60 },
      afterSuccess: 'unused',
    });
    let tried = 0;
    let spent = 0;
    for (let attempt = 0; attempt < limit + 3; attempt += 1) {
      await attempts.run(
        `limit ${limit}`,
        (mayTry) => {
          if (mayTry) tried += 1;
          return Promise.resolve({ matches: false });
        },
        () => {
          spent += 1;
          return Promise.resolve();
        },
      );
    }
    expect({ limit, tried, spent }).toEqual({ limit, tried: limit, spent: 1 });
  }
});

test('a success of one account gives nobody more attempts from the network', async () => {
  const { database } = credentials;
  const limit = { purpose: 'login-network', limit: 3, windowSeconds: 60 } as const;
  const attempts = createAttempts(database, { limit, afterSuccess: 'unused' });
  const outcomes: boolean[] = [];
  for (const matches of [false, true, false, true, false, true]) {
    await attempts.run('alternating', (mayTry) => {
      outcomes.push(mayTry);
      return Promise.resolve({ matches });
    });
  }
  expect(outcomes).toEqual([true, true, true, true, true, false]);
});

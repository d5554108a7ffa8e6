import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { createGraphClient } from '../graph/graph-client.js';
import { readLedger } from './ledger.js';

const REGISTRATIONS = Number(process.env['ORION_CRASH_REGISTRATIONS'] ?? 1_000);
const CONCURRENCY = 16;
const VICTIMS = ['auth', 'user', 'notification', 'analytics', 'gateway', 'postgres'] as const;

let dataDir: string;
let platform: Platform;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'orion-crash-'));
  // A server of its own that flushes to disk, as `npm start` runs it: Postgres is among the victims.
  platform = await startPlatform({ mode: 'demo', ports: 'random', dataDir });
}, 60_000);
afterAll(async () => {
  await platform?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test.each(VICTIMS)(
  'kill -9 of %s in the middle of registrations loses no event and doubles no effect',
  async (victim) => {
    const accepted = await registerMany({
      label: victim,
      killAt: Math.floor(REGISTRATIONS / VICTIMS.length / 2),
      victim,
    });
    const ledger = await eventually(
      async () => {
        const now = await readLedger(platform.databaseUrls, { emailPattern: `${victim}-%@example.com` });
        return now.isSettled && now;
      },
      { within: 60_000, every: 200 },
    );
    // The crash came in the middle: some were acknowledged, and most went on being so afterwards.
    expect(accepted.length).toBeGreaterThan(REGISTRATIONS / VICTIMS.length / 2);
    // Every registration that was answered exists; one whose answer was lost may exist too.
    expect(ledger.emails).toEqual(expect.arrayContaining([...accepted]));
    expect(ledger.effectsPerAccount).toEqual({
      profiles: { least: 1, most: 1 },
      welcomes: { least: 1, most: 1 },
      mails: { least: 1, most: 1 },
      analytics: { least: 1, most: 1 },
      counters: { least: 1, most: 1 },
    });
  },
  180_000,
);

/** Registers people, kills the victim half-way, and returns the addresses whose registration was acknowledged. */
async function registerMany({
  label,
  killAt,
  victim,
}: {
  readonly label: string;
  readonly killAt: number;
  readonly victim: string;
}): Promise<readonly string[]> {
  const client = createGraphClient(platform.url);
  const count = Math.floor(REGISTRATIONS / VICTIMS.length);
  const accepted: string[] = [];
  let next = 0;
  let killed: Promise<unknown> | undefined;
  const worker = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      if (index === killAt) killed = platform.kill(victim, 'SIGKILL');
      const email = `${label}-${index}@example.com`;
      // While the victim is away requests fail; that is the point. What counts is what was acknowledged.
      const answer = await client
        .query(REGISTER, { input: { email, password: 'correct horse battery', displayName: email } })
        .catch(() => null);
      if (answer?.data?.register?.accepted === true) accepted.push(email);
      else await platform.whenReady(victim);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  await killed;
  await platform.whenReady(victim);
  return accepted;
}

const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { accepted userErrors { code path } } }';

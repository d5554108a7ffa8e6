import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { measureAccess } from './access.js';
import { EVENT_MEASUREMENTS, measureEvents } from './events/index.js';
import { measureFootprint } from './footprint.js';
import { measureLeak, SHORTEST_MINUTES } from './leak/measure-leak.js';
import { measureLogin } from './login.js';
import type { Figure } from './measure.js';
import { measureNotificationLatency } from './notification-latency.js';
import { measureRefresh } from './refresh.js';
import { measureStart } from './start-time.js';
import { measureStatements } from './statements.js';
import { measureUsers } from './users.js';
import { measureWalk } from './walk.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const RUNNING: Readonly<Record<string, (url: string, platform: Platform) => Promise<readonly Figure[]>>> = {
  footprint: () => measureFootprint(),
  walk: measureWalk,
  latency: measureNotificationLatency,
  statements: measureStatements,
  access: measureAccess,
  login: measureLogin,
  refresh: measureRefresh,
  users: (url, { databaseUrls }) => measureUsers(url, databaseUrls['user'] ?? '', Number(values.users)),
};

/** Measured beside a running platform, or without any. */
const ALONE = ['start', 'leak', 'events', ...EVENT_MEASUREMENTS];

/**
 * `npm run bench [-- start footprint walk latency statements access login refresh users leak] [--minutes N] [--users N]` prints one figure a line,
 * `npm run bench -- events [--rounds N]`, or some of what that is, a table.
 */
const { positionals: asked, values } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '7' },
    users: { type: 'string', default: '100000' },
  },
});
const chosen = asked.length > 0 ? asked : ['start', ...Object.keys(RUNNING)];
const unknown = chosen.filter((name) => !ALONE.includes(name) && RUNNING[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(
    `no such measurement: ${unknown.join(', ')}. There are: ${[...ALONE, ...Object.keys(RUNNING)].join(', ')}\n`,
  );
  process.exit(1);
}

const print = (figures: readonly Figure[]) => {
  for (const { name, value } of figures) process.stdout.write(`${name}: ${value}\n`);
};

if (chosen.includes('start')) print(await measureStart(ROOT));
if (chosen.includes('leak')) {
  const minutes = Number(values.minutes);
  if (!(minutes >= SHORTEST_MINUTES)) {
    process.stderr.write(`--minutes takes a number from ${SHORTEST_MINUTES} on\n`);
    process.exit(1);
  }
  print(await measureLeak(minutes));
}
const ofEvents = EVENT_MEASUREMENTS.filter((name) => chosen.includes('events') || chosen.includes(name));
if (ofEvents.length > 0) {
  const rounds = Number(values.rounds);
  if (!(rounds >= 1)) {
    process.stderr.write('--rounds takes a number from 1 on\n');
    process.exit(1);
  }
  process.stdout.write(await measureEvents(ofEvents, { rounds }));
}
const running = chosen.filter((name) => !ALONE.includes(name));
if (running.length > 0) {
  const dataDir = await mkdtemp(join(tmpdir(), 'orion-bench-'));
  const platform = await startPlatform({ mode: 'demo', ports: 'random', dataDir });
  try {
    for (const name of running) print((await RUNNING[name]?.(platform.url, platform)) ?? []);
  } finally {
    await platform.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { composeSupergraph } from '@orion/gateway';
import type { Figure } from '../measure.js';
import { sdlOf, SUBGRAPHS } from './graph.js';
import { startLoad } from './load.js';
import type { Counts } from './load.js';
import { slopeOf } from './sample.js';
import type { Sample } from './sample.js';

const RELOAD_MS = 1_000;
const SAMPLE_MS = 5_000;
/** Caches fill up and code is compiled in the first part of the time; growth is measured in the rest. */
const WARM_UP_SHARE = 0.3;
/** In less the code that the engine compiles is all that grows. */
export const SHORTEST_MINUTES = 3;
/** More growth than that in a minute is a leak: the heap goes up and down by more from one sample to the next. */
const BOUND_MIB_PER_MINUTE = 1;
const MIB = 1024 * 1024;

interface TimedSample extends Sample {
  readonly minute: number;
}

/**
 * Load on a gateway over two subgraphs, each in a process of its own, for so many minutes: operations that nobody sent
 * before, more than its caches hold, faulty ones, subscriptions that come and go, and a new supergraph every second.
 * Throws when its heap grows.
 */
export async function measureLeak(minutes: number): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'orion-leak-'));
  const children: ChildProcess[] = [];
  try {
    const ports = new Map<string, number>();
    for (const name of SUBGRAPHS) ports.set(name, await start('subgraph.js', [name], children));
    const file = join(folder, 'supergraph.graphql');
    const editions = await Promise.all([0, 1].map((edition) => compose(ports, edition)));
    const publish = async (edition: number): Promise<void> => {
      await writeFile(`${file}.new`, editions[edition % 2] ?? '');
      await rename(`${file}.new`, file);
    };
    await publish(0);
    const port = await start('gateway.js', [file], children);
    const { samples, counts } = await run({ port, minutes, publish, gateway: children.at(-1) });
    const figures = report(samples, counts);
    const growth = growthOf(samples);
    if (growth > BOUND_MIB_PER_MINUTE) {
      throw new Error(
        `the heap grows by ${growth.toFixed(2)} MiB a minute, more than ${BOUND_MIB_PER_MINUTE}: ` +
          figures.map(({ name, value }) => `${name}: ${value}`).join('; '),
      );
    }
    return figures;
  } finally {
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(children.filter(isAlive).map((child) => once(child, 'exit')));
    await rm(folder, { recursive: true, force: true });
  }
}

async function run({
  port,
  minutes,
  publish,
  gateway,
}: {
  readonly port: number;
  readonly minutes: number;
  readonly publish: (edition: number) => Promise<void>;
  readonly gateway: ChildProcess | undefined;
}): Promise<{ readonly samples: readonly TimedSample[]; readonly counts: Counts }> {
  if (gateway === undefined) throw new Error('there is no gateway');
  const load = startLoad(`http://127.0.0.1:${port}/graphql`);
  const samples: TimedSample[] = [];
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  let nextSample = SAMPLE_MS;
  for (let edition = 1; elapsed() < minutes * 60_000; edition += 1) {
    await wait(RELOAD_MS);
    await publish(edition);
    if (elapsed() < nextSample) continue;
    nextSample += SAMPLE_MS;
    samples.push({ ...(await sampleOf(gateway)), minute: elapsed() / 60_000 });
    process.stderr.write(`${describe(samples.at(-1), load.counts())}\n`);
  }
  const counts = load.counts();
  await load.stop();
  return { samples, counts };
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/** Starts a program of this folder and waits for its port. */
async function start(program: string, argv: readonly string[], children: ChildProcess[]): Promise<number> {
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), [...argv], { execArgv: ['--expose-gc'] });
  children.push(child);
  const ready = once(child, 'message').then(([message]) => (message as { readonly port: number }).port);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${program} ended with ${code}`);
  });
  ended.catch(() => undefined);
  return Promise.race([ready, ended]);
}

function compose(ports: ReadonlyMap<string, number>, edition: number): Promise<string> {
  return composeSupergraph(
    SUBGRAPHS.map((name) => ({
      name,
      url: `http://127.0.0.1:${ports.get(name)}/graphql`,
      sdl: sdlOf(name, edition),
      origin: name,
    })),
  );
}

async function sampleOf(gateway: ChildProcess): Promise<Sample> {
  gateway.send('sample');
  const [sample] = (await once(gateway, 'message')) as [Sample];
  return sample;
}

function warm(samples: readonly TimedSample[]): readonly TimedSample[] {
  return samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
}

/** MiB a minute. */
function growthOf(samples: readonly TimedSample[]): number {
  return slopeOf(warm(samples).map(({ minute, heapUsed }) => ({ x: minute, y: heapUsed / MIB })));
}

function report(samples: readonly TimedSample[], counts: Counts): readonly Figure[] {
  const measured = warm(samples);
  const mib = (bytes = Number.NaN): string => (bytes / MIB).toFixed(1);
  const from = (key: 'heapUsed' | 'rss'): string =>
    `${mib(measured[0]?.[key])} MiB at first, ${mib(measured.at(-1)?.[key])} at last`;
  return [
    { name: 'heap after collection, warm-up left out', value: from('heapUsed') },
    {
      name: 'growth of the heap',
      value: `${growthOf(samples).toFixed(2)} MiB a minute (at most ${BOUND_MIB_PER_MINUTE})`,
    },
    { name: 'resident memory with planner threads', value: from('rss') },
    {
      name: 'under load of',
      value:
        `${counts.requests} requests (${counts.distinct} operations never sent before), ${counts.subscriptions} ` +
        `subscriptions with ${counts.events} events, ${samples.at(-1)?.reloads ?? 0} supergraphs, ` +
        `${counts.failures} failures${counts.lastFailure === undefined ? '' : ` (${counts.lastFailure})`}, ` +
        `${samples.at(-1)?.minute.toFixed(1)} minutes`,
    },
  ];
}

function describe(sample: TimedSample | undefined, counts: Counts): string {
  if (sample === undefined) return '';
  const { minute, heapUsed, external, rss, reloads } = sample;
  const sizes = [heapUsed, external, rss].map((bytes) => (bytes / MIB).toFixed(1));
  return `${minute.toFixed(2)} min: heap ${sizes[0]} external ${sizes[1]} rss ${sizes[2]} MiB, ${reloads} supergraphs, ${JSON.stringify(counts)}`;
}

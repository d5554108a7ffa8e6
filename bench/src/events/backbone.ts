import { envelopeOf } from '@orion/platform/testing';
import { publish } from '@orion/platform/events';
import { enqueue, JOB_TABLES_V1 } from '@orion/platform/jobs';
import pg from 'pg';
import { latencies } from '../measure.js';
import type { Figure } from '../measure.js';
import { openBenchDatabase } from './bench-database.js';
import { benchEvent } from './bench-event.js';
import { idleJob, startBenchService } from './bench-service.js';
import type { BenchSetting } from './bench-setting.js';
import { EFFECTS_TABLE } from './effects.js';
import { measureIdle } from './idle.js';
import { median, spread } from './statistics.js';

const EVENTS = 20_000;
const BATCH = 500;
const SAMPLES = 200;

/** The log in Postgres by itself: how fast it takes events and a consumer takes them out, how soon one is told, and what rest costs. */
export async function measureBackbone({ postgres, rounds }: BenchSetting): Promise<readonly Figure[]> {
  const tables = `${EFFECTS_TABLE}; ${JOB_TABLES_V1}`;
  const database = await openBenchDatabase(postgres, { name: 'backbone', tables });
  const busUrl = await postgres.createDatabase('backbone_bus');
  const databaseUrl = database.url;
  await database.close();
  const bell = createBell();
  const service = await startBenchService({ databaseUrl, busUrl, onEvent: bell.ring, onJob: bell.ring });
  const rates: { readonly append: number; readonly consume: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const measured = await appendAndConsume(service, databaseUrl);
    if (round > 0) rates.push(measured);
  }
  const { dataSource } = service;
  const told = await sample(bell, () => dataSource.transaction((manager) => publish(manager, [benchEvent()])));
  const started = await sample(bell, () =>
    dataSource.transaction((manager) => enqueue(manager, [idleJob.of({ n: 1 })])),
  );
  await service.stop();
  const rate = (values: readonly number[]) => `${Math.round(median(values))} events/s [${spread(values, 0)}]`;
  return [
    { name: 'log append, 500 a batch', value: rate(rates.map(({ append }) => append)) },
    { name: 'consume into an effect and the inbox', value: rate(rates.map(({ consume }) => consume)) },
    { name: "from a publishing transaction's commit to a consumer's handler, idle", value: latencies(told) },
    { name: "from an enqueueing transaction's commit to the job's handler, idle", value: latencies(started) },
    ...(await measureIdle({ databaseUrl, busUrl, postgresPid: postgres.pid })),
  ];
}

async function appendAndConsume({ dataSource, transport }: Awaited<ReturnType<typeof startBenchService>>, url: string) {
  await dataSource.query('TRUNCATE effects, inbox');
  // The clock of the consumer stands while the log is filled: it waits for the inbox.
  const gate = new pg.Client({ connectionString: url });
  await gate.connect();
  await gate.query('BEGIN; LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE');
  const batches = Array.from({ length: EVENTS / BATCH }, () =>
    Array.from({ length: BATCH }, () => envelopeOf(benchEvent())),
  );
  const begun = performance.now();
  for (const batch of batches) await transport.append(batch);
  const append = (EVENTS * 1_000) / (performance.now() - begun);
  const taken = transport.taken(EVENTS);
  const opened = performance.now();
  await gate.query('COMMIT');
  await taken;
  const consume = (EVENTS * 1_000) / (performance.now() - opened);
  await gate.end();
  return { append, consume };
}

/** Tells when a handler was called. */
function createBell() {
  let onRing: () => void = () => undefined;
  return {
    ring: () => onRing(),
    next: () => new Promise<number>((resolve) => (onRing = () => resolve(performance.now()))),
  };
}

/** Milliseconds from when `work` has resolved until the bell rings, one at a time, each when all is at rest. */
async function sample(bell: ReturnType<typeof createBell>, work: () => Promise<unknown>): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let n = 0; n < SAMPLES; n += 1) {
    const rung = bell.next();
    await work();
    const done = performance.now();
    samples.push(Math.max(0, (await rung) - done));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return samples;
}

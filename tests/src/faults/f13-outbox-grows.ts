import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { countRows } from './ledger.js';
import { seconds } from './progress.js';
import { query } from './rig/postgres-server.js';
import { BOTH, defineScenario } from './scenario.js';
import { figuresOf, underLoad, until } from './under-load.js';

const RELAY_RSS_MIB = 400;

export const f13OutboxGrows = defineScenario({
  id: 'F13',
  title: 'broker away until the outbox is long',
  transports: BOTH,
  inTests: [],
  quick: { rows: 100_000 },
  full: { rows: 1_000_000 },
  expected: 'memory of the relay bounded, the rest is drained',
  async run({ openRig, parameters, transport }) {
    const rig = await openRig();
    const { broker, producerUrl } = rig;
    await broker.crash();
    const relay = rig.startRelay();
    const consumer = rig.startConsumer(() => ({ inBatches: true, batchSize: 500 }));
    const producer = rig.startProducer({ rate: 0, perTransaction: 500, count: parameters.rows, keys: 1_000 });
    const notes: string[] = [];
    const problems: string[] = [];
    let greatestMib = 0;
    const sampler = setInterval(
      () => void residentMib(relay.pid()).then((mib) => (greatestMib = Math.max(greatestMib, mib))),
      250,
    );
    let broke = false;
    try {
      const outcome = await underLoad(rig, {
        producer,
        settleWithin: 900_000,
        async fault() {
          await producer.finished;
          const before = await residentMib(relay.pid());
          const depth = await countRows(producerUrl, 'outbox');
          if (depth < parameters.rows) problems.push(`the outbox held ${depth} rows, not ${parameters.rows}`);
          const full = await sizeOf(producerUrl, 'outbox');
          await broker.start();
          const began = performance.now();
          await until('the outbox is empty', { within: 900_000, every: 200 }, async () => {
            const [row] = await query<{ empty: boolean }>(
              producerUrl,
              'SELECT NOT EXISTS (SELECT 1 FROM outbox) AS empty',
            );
            return row?.empty === true;
          });
          const tookMs = performance.now() - began;
          notes.push(
            `drained in ${seconds(tookMs)}: ${Math.round((parameters.rows / tookMs) * 1_000).toLocaleString('en')} events/s, beside a consumer at work`,
            `relay: ${before.toFixed(0)} MiB resident with the broker away, at the most ${greatestMib.toFixed(0)} MiB`,
          );
          const empty = await sizeOf(producerUrl, 'outbox');
          await query(producerUrl, 'VACUUM (TRUNCATE) outbox');
          notes.push(
            `outbox: ${full} full, ${empty} when it was empty, ${await sizeOf(producerUrl, 'outbox')} after VACUUM`,
          );
        },
      });
      if (greatestMib > RELAY_RSS_MIB) problems.push(`the relay took ${greatestMib.toFixed(0)} MiB`);
      return figuresOf(outcome, {
        done: `${consumer.deaths() + relay.deaths()} deaths (${transport})`,
        problems,
        notes,
      });
    } catch (error) {
      broke = true;
      throw error;
    } finally {
      clearInterval(sampler);
      // The next row needs it, if this one broke off before it came back.
      if (broke) await broker.start().catch((error: unknown) => console.error('the broker did not come back', error));
    }
  },
});

/** 0 when there is no such process now. */
async function residentMib(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({ stdout: '0' }));
  return Number(stdout) / 1_024;
}

async function sizeOf(url: string, table: string): Promise<string> {
  const [row] = await query<{ size: string }>(url, 'SELECT pg_size_pretty(pg_total_relation_size($1)) AS size', [
    table,
  ]);
  return row?.size ?? '?';
}

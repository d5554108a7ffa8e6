import { consume, createTransport, publish, startRelay } from '@orion/platform/events';
import { createLogger } from '@orion/platform/log';
import { eventually } from '@orion/platform/testing';
import { startKafka } from '@orion/tools/kafka';
import type { Message } from 'kafkajs';
import { openBenchDatabase } from './bench-database.js';
import { benchEvent } from './bench-event.js';
import type { BenchPostgres } from './bench-postgres.js';
import type { BenchSetting } from './bench-setting.js';
import { compare } from './compare.js';
import type { Comparison } from './compare.js';
import { countTaken, EFFECTS_TABLE, recordEffects } from './effects.js';
import { openRawKafka } from './raw-kafka.js';

const EVENTS = 20_000;
const BATCH = 500;
const TOPIC = 'orion.auth';

/**
 * From the outbox through Kafka into an effect and the inbox, and beside it the same records from a kafkajs producer to
 * a kafkajs consumer, without any database. Both in this process, both 500 a batch; the clock stands while the outbox
 * is filled.
 */
export async function measureKafka({ postgres, rounds }: BenchSetting): Promise<readonly Comparison[]> {
  const broker = await startKafka();
  const raw = await openRawKafka([broker.brokers]);
  const pipeline = await openPipeline(postgres, broker.brokers);
  try {
    let records: readonly Message[] = [];
    return await compare({
      rounds,
      what: 'outbox -> Kafka -> effect and inbox',
      unit: 'events',
      ours: { name: 'ORION', run: () => pipeline.rate() },
      opponents: [
        {
          name: 'kafkajs produce + consume, nothing else',
          goal: 0.65,
          async run() {
            if (records.length === 0) records = await raw.read(TOPIC, EVENTS);
            const begun = performance.now();
            await raw.roundTrip(records, { count: EVENTS, batch: BATCH });
            return (EVENTS * 1_000) / (performance.now() - begun);
          },
        },
      ],
    });
  } finally {
    await pipeline.close();
    await raw.close();
    await broker.stop();
  }
}

async function openPipeline(postgres: BenchPostgres, brokers: string) {
  const { dataSource, url, close } = await openBenchDatabase(postgres, { name: 'kafka', tables: EFFECTS_TABLE });
  const logger = createLogger('bench', { level: 'warn' });
  const transport = countTaken(createTransport({ kafkaBrokers: brokers, clientId: 'bench', logger }));
  const relay = startRelay({ databaseUrl: url, service: 'bench', dataSource, transport, logger });
  const handle = recordEffects();
  const consumer = await consume({
    dataSource,
    transport,
    group: 'bench',
    topics: [TOPIC],
    ordering: 'none',
    handle,
    logger,
  });
  return {
    async rate(): Promise<number> {
      await dataSource.query('TRUNCATE effects, inbox');
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      for (let n = 0; n < EVENTS; n += BATCH) await publish(runner.manager, Array.from({ length: BATCH }, benchEvent));
      const taken = transport.taken(EVENTS);
      const begun = performance.now();
      await runner.commitTransaction();
      await taken;
      const rate = (EVENTS * 1_000) / (performance.now() - begun);
      await runner.release();
      await eventually(async () => (await dataSource.query('SELECT 1 FROM outbox LIMIT 1')).length === 0);
      const [{ n }] = await dataSource.query('SELECT count(*)::int AS n FROM effects');
      if (n !== EVENTS) throw new Error(`${n} effects of ${EVENTS} events`);
      return rate;
    },
    async close() {
      await consumer.stop();
      await relay.stop();
      await transport.close();
      await close();
    },
  };
}

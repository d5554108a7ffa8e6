import { createTransport, publish, startRelay } from '@orion/platform/events';
import { createLogger } from '@orion/platform/log';
import { eventually } from '@orion/platform/testing';
import type { EntityManager } from 'typeorm';
import { openBenchDatabase } from './bench-database.js';
import { benchEvent } from './bench-event.js';
import type { BenchSetting } from './bench-setting.js';
import { compare } from './compare.js';
import type { Comparison } from './compare.js';

const CONNECTIONS = 8;
const ROUND_MS = 2_000;
const TABLE = `CREATE TABLE things (
  id bigserial PRIMARY KEY, name text NOT NULL, amount int NOT NULL, created_at timestamptz NOT NULL DEFAULT now())`;

/**
 * What an event costs a transaction: one insert, with and without `publish`, from eight connections that never pause.
 * The relay runs, and moves what is published into the log on the same server.
 */
export async function measurePublish({ postgres, rounds }: BenchSetting): Promise<readonly Comparison[]> {
  const database = await openBenchDatabase(postgres, { name: 'publish', tables: TABLE, connections: CONNECTIONS });
  const logger = createLogger('bench', { level: 'warn' });
  const transport = createTransport({
    busDatabaseUrl: await postgres.createDatabase('publish_bus'),
    clientId: 'bench',
    logger,
  });
  const { dataSource, url } = database;
  const relay = startRelay({ databaseUrl: url, service: 'bench', dataSource, transport, logger });

  const insert = (manager: EntityManager) =>
    manager.query('INSERT INTO things (name, amount) VALUES ($1, $2)', ['something', 7]);

  async function rate(work: (manager: EntityManager) => Promise<unknown>): Promise<number> {
    // What the other side left behind is not this side's.
    await eventually(async () => (await dataSource.query('SELECT 1 FROM outbox LIMIT 1')).length === 0);
    const begun = performance.now();
    let done = 0;
    const connection = async () => {
      while (performance.now() - begun < ROUND_MS) {
        await dataSource.transaction(work);
        done += 1;
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, connection));
    return (done * 1_000) / (performance.now() - begun);
  }

  try {
    return await compare({
      rounds,
      what: `a transaction that publishes, ${CONNECTIONS} connections`,
      unit: 'transactions',
      ours: {
        name: 'with an event',
        run: () =>
          rate(async (manager) => {
            await insert(manager);
            await publish(manager, [benchEvent()]);
          }),
      },
      opponents: [{ name: 'the same without an event', goal: 0.65, run: () => rate(insert) }],
    });
  } finally {
    await relay.stop();
    await transport.close();
    await database.close();
  }
}

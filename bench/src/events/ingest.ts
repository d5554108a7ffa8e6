import { once } from 'node:events';
import { subgraph } from '@orion/analytics';
import { createTransport } from '@orion/platform/events';
import { createLogger } from '@orion/platform/log';
import { envelopeOf, eventually, startTestSubgraph } from '@orion/platform/testing';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { benchEvent } from './bench-event.js';
import type { BenchSetting } from './bench-setting.js';
import { compare } from './compare.js';
import type { Comparison } from './compare.js';

const EVENTS = 20_000;
const BATCH = 500;
const COLUMNS = 'event_id, occurred_at, received_at, type, name, user_id, session_id, anonymous_id, properties';

/**
 * The analytics subgraph takes events from the log: read, validated, entered into the inbox, stored. Beside it the rows
 * that it stored, in one COPY into the same table with the same indexes.
 */
export async function measureIngest({ rounds }: BenchSetting): Promise<readonly Comparison[]> {
  const running = await startTestSubgraph(subgraph, { LOG_LEVEL: 'warn' });
  const logger = createLogger('bench', { level: 'warn' });
  const transport = createTransport({ busDatabaseUrl: running.busUrl, clientId: 'bench', logger });
  const database = new pg.Pool({ connectionString: running.databaseUrl });
  const bus = new pg.Pool({ connectionString: running.busUrl });
  let rows = '';

  async function throughSubgraph(): Promise<number> {
    await database.query('TRUNCATE events, inbox');
    // The clock stands while the log is filled: the consumer waits for the inbox.
    const gate = await database.connect();
    await gate.query('BEGIN; LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE');
    for (let n = 0; n < EVENTS; n += BATCH)
      await transport.append(Array.from({ length: BATCH }, () => envelopeOf(benchEvent())));
    const { rows: last } = await bus.query<{ seq: string }>('SELECT max(seq) AS seq FROM log');
    const begun = performance.now();
    await gate.query('COMMIT');
    gate.release();
    await eventually(
      async () => {
        const { rowCount } = await bus.query(`SELECT 1 FROM cursors WHERE grp = 'analytics' AND seq >= $1`, [
          last[0]?.seq,
        ]);
        return rowCount === 1;
      },
      { within: 120_000, every: 5 },
    );
    const rate = (EVENTS * 1_000) / (performance.now() - begun);
    const { rows: stored } = await database.query<{ n: number }>('SELECT count(*)::int AS n FROM events');
    if (stored[0]?.n !== EVENTS) throw new Error(`${stored[0]?.n} rows of ${EVENTS} events`);
    return rate;
  }

  async function copyRows(): Promise<number> {
    rows ||= await copyText(database);
    await database.query('TRUNCATE events, inbox');
    const client = await database.connect();
    const begun = performance.now();
    const copy = client.query(copyFrom(`COPY events (${COLUMNS}) FROM STDIN`));
    copy.end(rows);
    await once(copy, 'finish');
    const rate = (EVENTS * 1_000) / (performance.now() - begun);
    client.release();
    return rate;
  }

  try {
    return await compare({
      rounds,
      what: 'analytics ingest, out of the log',
      unit: 'events',
      ours: { name: 'ORION', run: throughSubgraph },
      opponents: [{ name: 'COPY of the same rows, same table and indexes', goal: 0.5, run: copyRows }],
    });
  } finally {
    await Promise.all([database.end(), bus.end(), transport.close()]);
    await running.stop();
  }
}

/** The table's rows in the text format of COPY. */
async function copyText(database: pg.Pool): Promise<string> {
  const { rows } = await database.query<{ line: string }>(
    `SELECT concat_ws(E'\\t', event_id, occurred_at, received_at, type, name, coalesce(user_id::text, '\\N'),
       coalesce(session_id::text, '\\N'), coalesce(anonymous_id, '\\N'), properties) AS line FROM events`,
  );
  return rows.map(({ line }) => `${line}\n`).join('');
}

import { setTimeout as wait } from 'node:timers/promises';
import { query, withClient } from './rig/postgres-server.js';
import type { Rig } from './rig/rig.js';

/** What a run left behind, counted in SQL over the tables themselves: not by code under test. */
export interface Ledger {
  /** Events whose transaction committed. */
  readonly sent: number;
  /** Rows in `effects`. */
  readonly effects: number;
  /** Sent, not meant to fail for ever, without effect and not parked for another attempt. */
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  /** Effects of events that `sent` does not know: the producer's database has lost them. */
  readonly unknown: number;
  /** Rows left in the two outboxes. */
  readonly outbox: number;
  /** Parked and waiting. */
  readonly waiting: number;
  readonly dead: number;
  /** Events that were meant to fail for ever. */
  readonly poison: number;
}

const COPY_ROWS = 20_000;

/** Reads the ledger of a run. */
export async function readLedger({ producerUrl, consumerUrl, group }: Rig): Promise<Ledger> {
  await copySent(producerUrl, consumerUrl);
  const [row] = await query<Omit<Ledger, 'outbox'>>(
    consumerUrl,
    `SELECT
       (SELECT count(*)::int FROM sent_copy) AS sent,
       (SELECT count(*)::int FROM sent_copy WHERE fail < 0) AS poison,
       (SELECT count(*)::int FROM effects) AS effects,
       (SELECT count(*)::int FROM sent_copy WHERE fail >= 0
          AND NOT EXISTS (SELECT 1 FROM effects WHERE effects.event_id = sent_copy.event_id)
          AND NOT EXISTS (SELECT 1 FROM parked_events
                          WHERE grp = $1 AND state = 'retry' AND parked_events.event_id = sent_copy.event_id)) AS lost,
       (SELECT (count(*) - count(DISTINCT event_id))::int FROM effects) AS doubled,
       (SELECT count(*)::int FROM (
          SELECT n, lag(n) OVER (PARTITION BY key ORDER BY seq) AS before
          FROM effects WHERE event_id IN (SELECT event_id FROM sent_copy)) AS pairs
        WHERE n <= before) AS disordered,
       (SELECT count(*)::int FROM effects WHERE event_id NOT IN (SELECT event_id FROM sent_copy)) AS unknown,
       (SELECT count(*)::int FROM parked_events WHERE grp = $1 AND state = 'retry') AS waiting,
       (SELECT count(*)::int FROM parked_events WHERE grp = $1 AND state = 'dead') AS dead`,
    [group],
  );
  if (row === undefined) throw new Error('the ledger has no row');
  return { ...row, outbox: (await countRows(producerUrl, 'outbox')) + (await countRows(consumerUrl, 'outbox')) };
}

/** Rows of a table of a run. */
export async function countRows(url: string, table: string): Promise<number> {
  const [row] = await query<{ n: number }>(url, `SELECT count(*)::int AS n FROM ${table}`);
  return row?.n ?? 0;
}

/**
 * Waits until everything that was sent has taken effect or is dead, and nothing is on its way. Resolves with how long
 * that took in milliseconds, null when it is not so `within` milliseconds.
 */
export async function settle(rig: Rig, { within }: { readonly within: number }): Promise<number | null> {
  const began = performance.now();
  for (;;) {
    // A database that is being started again does not answer: not settled.
    const settled = await isSettled(rig).catch(() => false);
    // Effects of events that the producer has forgotten make up the number, but not for others that are missing.
    if (settled && (await readLedger(rig)).lost === 0) return Math.round(performance.now() - began);
    if (performance.now() - began > within) return null;
    await wait(100);
  }
}

async function isSettled({ producerUrl, consumerUrl, group }: Rig): Promise<boolean> {
  const [sent] = await query<{ outbox: number; fine: number; poison: number }>(
    producerUrl,
    `SELECT (SELECT count(*)::int FROM outbox) AS outbox,
       count(*) FILTER (WHERE fail >= 0)::int AS fine, count(*) FILTER (WHERE fail < 0)::int AS poison FROM sent`,
  );
  const [done] = await query<{ outbox: number; effects: number; waiting: number; dead: number }>(
    consumerUrl,
    `SELECT (SELECT count(*)::int FROM outbox) AS outbox, (SELECT count(DISTINCT event_id)::int FROM effects) AS effects,
       count(*) FILTER (WHERE state = 'retry')::int AS waiting, count(*) FILTER (WHERE state = 'dead')::int AS dead
     FROM parked_events WHERE grp = $1`,
    [group],
  );
  if (sent === undefined || done === undefined) return false;
  return (
    sent.outbox === 0 &&
    done.outbox === 0 &&
    done.waiting === 0 &&
    done.effects >= sent.fine &&
    done.dead >= sent.poison
  );
}

async function copySent(producerUrl: string, consumerUrl: string): Promise<void> {
  const rows = await query<{ event_id: string; key: string; n: number; fail: number; at: string }>(
    producerUrl,
    'SELECT event_id, key, n, fail, at::text AS at FROM sent',
  );
  await withClient(consumerUrl, async (client) => {
    await client.query('TRUNCATE sent_copy');
    for (let from = 0; from < rows.length; from += COPY_ROWS) {
      const chunk = rows.slice(from, from + COPY_ROWS);
      await client.query(
        'INSERT INTO sent_copy SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::timestamptz[])',
        (['event_id', 'key', 'n', 'fail', 'at'] as const).map((column) => chunk.map((row) => row[column])),
      );
    }
    await client.query('ANALYZE sent_copy; ANALYZE effects');
  });
}

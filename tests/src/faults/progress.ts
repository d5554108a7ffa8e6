import { query } from './rig/postgres-server.js';
import type { Rig } from './rig/rig.js';
import { until } from './under-load.js';

/**
 * Waits until an event that is published from now on has taken effect: the way is open again. Resolves with how long
 * that took, in milliseconds.
 */
export async function timeToEffect(
  { producerUrl, consumerUrl }: Rig,
  { within }: { readonly within: number },
): Promise<number> {
  const began = performance.now();
  const from = new Date();
  await until('a new event takes effect', { within }, async () => {
    const later = await query<{ event_id: string }>(
      producerUrl,
      'SELECT event_id FROM sent WHERE fail = 0 AND at > $1 ORDER BY at LIMIT 50',
      [from],
    );
    const known = await query(consumerUrl, 'SELECT 1 FROM effects WHERE event_id = ANY($1::uuid[]) LIMIT 1', [
      later.map((row) => row.event_id),
    ]);
    return known.length > 0;
  });
  return Math.round(performance.now() - began);
}

/** From commit to effect, in milliseconds. */
export interface Lag {
  readonly p50: number;
  readonly p99: number;
}

/** Of the events sent between two times; read the ledger first, which brings both sides together. */
export async function readLag(
  { consumerUrl }: Rig,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<Lag> {
  const [row] = await query<Lag>(
    consumerUrl,
    `SELECT round(percentile_disc(0.5) WITHIN GROUP (ORDER BY lag))::int AS p50,
            round(percentile_disc(0.99) WITHIN GROUP (ORDER BY lag))::int AS p99
     FROM (SELECT extract(epoch FROM min(effects.at) - min(sent_copy.at)) * 1000 AS lag
           FROM sent_copy JOIN effects USING (event_id) WHERE fail = 0 AND sent_copy.at BETWEEN $1 AND $2 GROUP BY event_id) AS lags`,
    [from, to],
  );
  return row ?? { p50: 0, p99: 0 };
}

/** Whether events were slower than a busy machine makes them from one moment to the next. */
export function isDelayed({ calm, meanwhile }: { readonly calm: Lag; readonly meanwhile: Lag }): boolean {
  return meanwhile.p50 > calm.p50 * 3 + 500;
}

export function describeLags({ calm, meanwhile }: { readonly calm: Lag; readonly meanwhile: Lag }): string {
  return `lag before: p50 ${calm.p50} ms, p99 ${calm.p99} ms; meanwhile: p50 ${meanwhile.p50} ms, p99 ${meanwhile.p99} ms`;
}

/** Seconds with one digit, for notes. */
export const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;

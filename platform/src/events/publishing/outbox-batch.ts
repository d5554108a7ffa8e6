import type { Queryable } from '../../database/index.js';
import type { EventEnvelope } from '../envelope.js';

const MAX_EVENTS = 500;
/** Of JSON. A Kafka broker takes 1 MiB a partition at once, and records are a little larger than the JSON. */
const MAX_BYTES = 768 * 1024;

/** Events that are to be appended together. */
export interface OutboxBatch {
  readonly seqs: readonly string[];
  readonly events: readonly EventEnvelope[];
  /** More may be waiting. */
  readonly isFull: boolean;
}

/** Size is known without reading what is stored apart for being large. */
const READ = `
  SELECT seq, envelope, found FROM (
    SELECT seq, envelope, count(*) OVER () AS found, row_number() OVER (ORDER BY seq) AS ordinal,
           sum(octet_length(envelope::text)) OVER (ORDER BY seq) AS bytes
    FROM (SELECT seq, envelope FROM outbox WHERE seq <> ALL ($1::bigint[]) ORDER BY seq LIMIT ${MAX_EVENTS}) waiting
  ) measured
  WHERE ordinal = 1 OR bytes <= ${MAX_BYTES} ORDER BY seq`;

/** The next events in order, without those that are on their way already: 500, 768 KiB or one large one at the most. */
export async function readOutbox(client: Queryable, onTheirWay: readonly string[]): Promise<OutboxBatch> {
  const { rows } = await client.query<{ seq: string; envelope: EventEnvelope; found: string }>({
    name: 'orion-outbox-read',
    text: READ,
    values: [`{${onTheirWay.join(',')}}`],
  });
  const found = Number(rows[0]?.found ?? 0);
  return {
    seqs: rows.map(({ seq }) => seq),
    events: rows.map(({ envelope }) => envelope),
    isFull: found === MAX_EVENTS || found > rows.length,
  };
}

/** Deletes what the transport has. */
export async function deleteFromOutbox(client: Queryable, seqs: readonly string[]): Promise<void> {
  if (seqs.length === 0) return;
  await client.query({
    name: 'orion-outbox-delete',
    text: 'DELETE FROM outbox WHERE seq = ANY ($1::bigint[])',
    values: [`{${seqs.join(',')}}`],
  });
}

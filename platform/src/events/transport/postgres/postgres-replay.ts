import type { ReplayOptions } from '../transport.js';
import type { PostgresBus } from './postgres-bus.js';
import { readHead, readLog } from './postgres-log.js';
import { locateInLog } from './postgres-position.js';
import { topicFilter } from './postgres-topic-filter.js';

const DEFAULT_BATCH_SIZE = 500;

/** Reads from a place to the end that the log has now, in the order of the log. Rejects when anything does. */
export async function replayPostgresLog(
  bus: PostgresBus,
  topics: readonly string[],
  { from, onBatch, signal, batchSize = DEFAULT_BATCH_SIZE }: ReplayOptions,
): Promise<{ readonly events: number }> {
  const filter = topicFilter(topics);
  await bus.ready();
  const upTo = await readHead(bus.pool);
  let after = await locateInLog(bus.pool, from);
  let events = 0;
  for (;;) {
    signal?.throwIfAborted();
    const rows = await readLog(bus.pool, { after, upTo, topics: filter, limit: batchSize });
    const last = rows.at(-1);
    if (last === undefined) return { events };
    await onBatch(rows.map(({ envelope }) => envelope));
    events += rows.length;
    after = last.seq;
  }
}

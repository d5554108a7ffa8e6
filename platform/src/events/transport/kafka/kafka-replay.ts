import type { EventEnvelope } from '../../envelope.js';
import type { ReplayOptions } from '../transport.js';
import type { KafkaClient } from './kafka-client.js';
import { locateInKafka } from './kafka-offsets.js';
import { createProgress } from './kafka-progress.js';
import { openKafkaReader } from './kafka-reader.js';
import { superviseKafkaSession } from './kafka-supervisor.js';
import { kafkaTopics } from './kafka-topics.js';

const DEFAULT_BATCH_SIZE = 500;

/**
 * Reads every partition from a place to the end that it has now. Rejects when no broker answers at the start, or when
 * `onBatch` rejects; a broker that goes away later is waited for.
 */
export async function replayKafkaLog(
  client: KafkaClient,
  topics: readonly string[],
  { from, onBatch, signal, batchSize = DEFAULT_BATCH_SIZE }: ReplayOptions,
): Promise<{ readonly events: number }> {
  signal?.throwIfAborted();
  const wanted = kafkaTopics(client, topics);
  await client.check();
  const existing = await wanted.existing();
  const progress = createProgress(await locateInKafka(client, existing, from));
  const unfinished = progress.unfinished();
  if (unfinished.length === 0) return { events: 0 };

  let events = 0;
  let end: (error?: Error) => void = () => undefined;
  const over = new Promise<void>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve() : reject(error));
  });
  const abort = () => end(signal?.reason as Error);
  /** One at a time, though a session that was given up may still have a batch in its hands. */
  let active: Promise<unknown> = Promise.resolve();
  let isOver = false;

  const take = async (batch: readonly EventEnvelope[]): Promise<boolean> => {
    if (isOver) return false;
    try {
      await onBatch(batch);
      events += batch.length;
      return true;
    } catch (error) {
      isOver = true;
      end(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  };
  const session = superviseKafkaSession(client, {
    subject: `event replay of ${wanted.text}`,
    topics: { ...wanted, hasPatterns: false, resolve: () => Promise.resolve(unfinished) },
    onFatal: end,
    open: (self, known) =>
      openKafkaReader(
        client,
        {
          role: 'replay',
          chunkSize: batchSize,
          progress,
          stopsAtEnd: true,
          onProgress: () => {
            if (progress.unfinished().length === 0) end();
          },
          take: (batch) => {
            const taken = active.then(() => take(batch));
            active = taken;
            return taken;
          },
        },
        { topics: known, self },
      ),
  });
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await over;
    return { events };
  } finally {
    isOver = true;
    signal?.removeEventListener('abort', abort);
    await session.stop();
    await active;
  }
}

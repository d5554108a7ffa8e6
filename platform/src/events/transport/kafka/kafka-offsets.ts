import { setTimeout as wait } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { backoffDelay } from '../../../pacing/index.js';
import type { LogPosition } from '../log-position.js';
import type { KafkaClient } from './kafka-client.js';

/** What a partition holds, and a place in it: offsets of records, the end is that of the next one. */
export interface PartitionPlace {
  readonly topic: string;
  readonly partition: number;
  readonly start: bigint;
  readonly end: bigint;
  /** Between start and end. */
  readonly place: bigint;
}

const ATTEMPTS = 6;
const RETRY = { baseMs: 100, capMs: 1_000 };

/** Where `position` is in every partition of `topics`, which must exist. Rejects when the brokers do not answer. */
export async function locateInKafka(
  client: KafkaClient,
  topics: readonly string[],
  position: LogPosition,
): Promise<readonly PartitionPlace[]> {
  if (topics.length === 0) return [];
  for (let failures = 1; ; failures += 1) {
    try {
      return await client.withAdmin(async (admin) => {
        const located = await Promise.all(topics.map((topic) => locateInTopic(admin, topic, position)));
        return located.flat();
      });
    } catch (error) {
      // A leader moves, or is not known everywhere a moment after its topic was created.
      const isPassing = (error as { readonly retriable?: boolean }).retriable === true;
      if (!isPassing || failures === ATTEMPTS) throw error;
      await wait(backoffDelay(failures, RETRY));
    }
  }
}

async function locateInTopic(admin: Admin, topic: string, position: LogPosition): Promise<PartitionPlace[]> {
  const bounds = await admin.fetchTopicOffsets(topic);
  const atTime =
    typeof position === 'object' && 'time' in position
      ? new Map(
          (await admin.fetchTopicOffsetsByTimestamp(topic, position.time.getTime())).map(({ partition, offset }) => [
            partition,
            BigInt(offset),
          ]),
        )
      : undefined;
  return bounds.map(({ partition, low, high }) => {
    const [start, end] = [BigInt(low), BigInt(high)];
    const wanted = (): bigint => {
      if (position === 'beginning') return start;
      if (position === 'end') return end;
      if ('offset' in position) return BigInt(position.offset);
      return atTime?.get(partition) ?? end;
    };
    return { topic, partition, start, end, place: clamp(wanted(), start, end) };
  });
}

function clamp(value: bigint, least: bigint, most: bigint): bigint {
  if (value < least) return least;
  return value > most ? most : value;
}

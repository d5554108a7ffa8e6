import type { GroupLag } from '../transport.js';
import type { KafkaClient } from './kafka-client.js';
import { locateInKafka } from './kafka-offsets.js';
import { kafkaTopics } from './kafka-topics.js';

/** The distance from what the group has committed to the ends; from the beginning where it has committed nothing. */
export async function readKafkaLag(client: KafkaClient, group: string, topics: readonly string[]): Promise<GroupLag> {
  const existing = await kafkaTopics(client, topics).existing();
  if (existing.length === 0) return { events: 0, oldestAt: null };
  // Before the ends, so that a commit in between makes the lag too large and never negative.
  const committed = await client.withAdmin((admin) => admin.fetchOffsets({ groupId: group, topics: [...existing] }));
  const taken = new Map(
    committed.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => [`${topic}/${partition}`, BigInt(offset)] as const),
    ),
  );
  let events = 0n;
  for (const { topic, partition, start, end } of await locateInKafka(client, existing, 'beginning')) {
    const next = taken.get(`${topic}/${partition}`) ?? start;
    events += end - (next < start ? start : next);
  }
  return { events: Number(events), oldestAt: null };
}

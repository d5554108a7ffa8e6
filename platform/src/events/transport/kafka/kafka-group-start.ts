import type { Cluster } from 'kafkajs';
import type { LogPosition } from '../log-position.js';
import type { KafkaClient } from './kafka-client.js';
import { locateInKafka } from './kafka-offsets.js';

/** A commit from outside a group, as the protocol has it. */
const NO_GENERATION = -1;
const NO_MEMBER = '';

/**
 * Fixes where a group begins, unless it has been seen: has committed something or has members. The places are taken
 * before that is looked at: so of two that do this at the same time, whoever overwrites the other's places writes ones
 * that are not later than when the other had finished. The broker takes such a commit only while nobody is a member.
 */
export async function placeGroup(
  client: KafkaClient,
  {
    group,
    topics,
    startAt,
  }: { readonly group: string; readonly topics: readonly string[]; readonly startAt: LogPosition },
): Promise<void> {
  if (topics.length === 0) return;
  const places = await locateInKafka(client, topics, startAt);
  const isSeen = await client.withAdmin(async (admin) => {
    const offsets = await admin.fetchOffsets({ groupId: group });
    return offsets.some(({ partitions }) => partitions.some(({ offset }) => Number(offset) >= 0));
  });
  if (isSeen) return;
  try {
    await withCluster(client, async (cluster) => {
      const coordinator = await cluster.findGroupCoordinator({ groupId: group });
      await coordinator.offsetCommit({
        groupId: group,
        groupGenerationId: NO_GENERATION,
        memberId: NO_MEMBER,
        topics: topics.map((topic) => ({
          topic,
          partitions: places
            .filter((place) => place.topic === topic)
            .map(({ partition, place }) => ({ partition, offset: String(place) })),
        })),
      });
    });
  } catch (error) {
    // It has members by now, who found its place or fixed it.
    if ((error as { readonly type?: string }).type === 'UNKNOWN_MEMBER_ID') return;
    throw error;
  }
}

/** kafkajs hands its cluster to assigners alone, and its admin client has no commit that does not join the group. */
async function withCluster<T>(client: KafkaClient, work: (cluster: Cluster) => Promise<T>): Promise<T> {
  let cluster: Cluster | undefined;
  const consumer = client.kafka.consumer({
    groupId: `${client.clientId}-unused`,
    partitionAssigners: [
      (config) => {
        cluster = config.cluster;
        return {
          name: 'unused',
          version: 0,
          assign: () => Promise.resolve([]),
          protocol: () => ({ name: 'unused', metadata: Buffer.alloc(0) }),
        };
      },
    ],
  });
  if (cluster === undefined) throw new Error('kafkajs did not hand out its cluster');
  try {
    await consumer.connect();
    return await work(cluster);
  } finally {
    await consumer.disconnect();
  }
}

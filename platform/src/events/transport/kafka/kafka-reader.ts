import { uuidv7 } from '../../../ids/index.js';
import type { EventEnvelope } from '../../envelope.js';
import type { KafkaClient } from './kafka-client.js';
import { locateInKafka } from './kafka-offsets.js';
import type { KafkaProgress } from './kafka-progress.js';
import { fromRecord } from './kafka-record.js';
import { openKafkaSession } from './kafka-session.js';
import type { KafkaSession } from './kafka-session.js';
import type { SupervisedSession } from './kafka-supervisor.js';

/** Somebody who reads every partition and keeps the place himself. */
export interface KafkaReader {
  /** What he is, in the name of his group: `tail`. */
  readonly role: string;
  readonly chunkSize: number;
  readonly progress: KafkaProgress;
  /** Takes what was not read before. Must not reject. False: it was not taken, end here. */
  readonly take: (events: readonly EventEnvelope[]) => Promise<boolean>;
  /** `progress` has moved. */
  readonly onProgress: () => void;
  /** He wants nothing after the end of a partition that `progress` names. */
  readonly stopsAtEnd: boolean;
}

/**
 * kafkajs only consumes in groups, so each session is a group of its own, which is deleted afterwards. Nothing is
 * committed: `progress` says where the next session goes on.
 */
export async function openKafkaReader(
  client: KafkaClient,
  reader: KafkaReader,
  { topics, self }: { readonly topics: readonly string[]; readonly self: SupervisedSession },
): Promise<KafkaSession> {
  const { progress } = reader;
  const groupId = `${client.clientId}-${reader.role}-${uuidv7()}`;
  let isClosed = false;
  const session = await openKafkaSession(client, {
    groupId,
    topics,
    chunkSize: reader.chunkSize,
    commit: false,
    onProgress: self.onProgress,
    onJoin: (consumer) => progress.seek(consumer),
    onPassed: (place, next) => {
      // What a session passes over after it was given up, the next one passes over again.
      if (isClosed || self.isStopped()) return;
      progress.advance(place, next);
      reader.onProgress();
    },
    onIdle: () => {
      const behind = progress.unfinished();
      if (behind.length > 0) void skipDeleted(behind);
    },
    onChunk: async (messages, place) => {
      if (self.isStopped()) return false;
      const [next, end] = [progress.nextOf(place), progress.endOf(place)];
      // Before the place to start at, or read before the group was joined anew.
      const fresh = messages.filter(
        ({ offset }) => BigInt(offset) >= next && !(reader.stopsAtEnd && BigInt(offset) >= end),
      );
      if (fresh.length > 0 && !(await reader.take(fresh.map((message) => fromRecord(message, place))))) return false;
      progress.advance(place, BigInt(messages.at(-1)?.offset ?? 0) + 1n);
      reader.onProgress();
      return true;
    },
  });

  /** What was deleted while it was to be read (by age, by compaction) never comes: the place moves past it. */
  async function skipDeleted(behind: readonly string[]): Promise<void> {
    try {
      for (const { start, ...place } of await locateInKafka(client, behind, 'beginning'))
        progress.advance(place, start);
      reader.onProgress();
    } catch (error) {
      client.logger.debug({ err: error }, 'the ends of the log were not read');
    }
  }

  return {
    ...session,
    close: async () => {
      isClosed = true;
      await session.close();
      await client
        .withAdmin((admin) => admin.deleteGroups([groupId]))
        .catch((error: unknown) => client.logger.debug({ err: error, groupId }, 'group was not deleted; it expires'));
    },
  };
}

import { isPattern, matcherOf } from '../../contracts/topic-pattern.js';
import type { KafkaClient } from './kafka-client.js';

/** Topics of the broker itself. */
const INTERNAL = /^__/;

/** Which topics a reader wants. */
export interface KafkaTopics {
  /** True when later topics may belong to them. */
  readonly hasPatterns: boolean;
  /** For logs. */
  readonly text: string;
  /** Creates those that are named and do not exist, and finds those that match, in order of their names. */
  resolve(): Promise<readonly string[]>;
  /** Those that exist. */
  existing(): Promise<readonly string[]>;
}

/** Throws a TypeError for what is neither a name nor a pattern. */
export function kafkaTopics(client: KafkaClient, topics: readonly string[]): KafkaTopics {
  const matches = matcherOf(topics);
  const names = topics.filter((topic) => !isPattern(topic));
  const hasPatterns = names.length < topics.length;
  const existing = async (): Promise<readonly string[]> => {
    const all = await client.withAdmin((admin) => admin.listTopics());
    return all.filter((topic) => !INTERNAL.test(topic) && matches(topic)).toSorted();
  };
  return {
    hasPatterns,
    text: topics.join(', '),
    existing,
    async resolve() {
      await client.ensureTopics(names);
      if (!hasPatterns) return names;
      return [...new Set([...names, ...(await existing())])].toSorted();
    },
  };
}

import { isPattern, matcherOf, patternSource } from '../../contracts/topic-pattern.js';

/** Which topics a reader wants, in JavaScript and as a condition on `log.topic` whose value is the parameter $1. */
export interface TopicFilter {
  /** As asked for: names and patterns. */
  readonly topics: readonly string[];
  readonly matches: (topic: string) => boolean;
  readonly kind: 'names' | 'patterns';
  readonly condition: string;
  readonly value: string | readonly string[];
}

/**
 * A pattern is decided row by row, in the query that reads the rows, and not by a list of topics that was made before:
 * a reader could pass the first event of a topic that its list does not have yet. The rows are found by `seq` either
 * way. Throws a TypeError for what is neither a name nor a pattern.
 */
export function topicFilter(topics: readonly string[]): TopicFilter {
  const matches = matcherOf(topics);
  if (!topics.some(isPattern)) return { topics, matches, kind: 'names', condition: 'topic = ANY($1)', value: topics };
  return { topics, matches, kind: 'patterns', condition: 'topic ~ $1', value: topics.map(patternSource).join('|') };
}

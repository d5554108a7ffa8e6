import type { Consumer } from 'kafkajs';
import type { PartitionPlace } from './kafka-offsets.js';
import type { KafkaPlace } from './kafka-session.js';

/** How far somebody has read who keeps the place himself, and how far he wants to come. */
export interface KafkaProgress {
  /** Partitions that were not known before. */
  add(places: readonly PartitionPlace[]): void;
  /** The offset to read next. */
  nextOf(place: KafkaPlace): bigint;
  /** The offset to come to; what is from there on came later. */
  endOf(place: KafkaPlace): bigint;
  /** Everything before `next` is read. */
  advance(place: KafkaPlace, next: bigint): void;
  /** Sets a consumer that has joined its group to the places. */
  seek(consumer: Consumer): void;
  /** The topics of partitions whose end is not reached. */
  unfinished(): readonly string[];
}

interface Way extends KafkaPlace {
  next: bigint;
  readonly end: bigint;
}

/** Begins at the places, and wants to come to the ends that the partitions had then. */
export function createProgress(places: readonly PartitionPlace[]): KafkaProgress {
  const ways = new Map<string, Way>();
  const wayOf = ({ topic, partition }: KafkaPlace) => ways.get(`${topic}/${partition}`);
  const add = (added: readonly PartitionPlace[]) => {
    for (const { topic, partition, place, end } of added) {
      const key = `${topic}/${partition}`;
      if (!ways.has(key)) ways.set(key, { topic, partition, next: place, end });
    }
  };
  add(places);
  return {
    add,
    nextOf: (place) => wayOf(place)?.next ?? 0n,
    endOf: (place) => wayOf(place)?.end ?? 0n,
    advance(place, next) {
      const way = wayOf(place);
      // A partition that was added to its topic meanwhile: all of it is new.
      if (way === undefined) ways.set(`${place.topic}/${place.partition}`, { ...place, next, end: 0n });
      else if (next > way.next) way.next = next;
    },
    seek(consumer) {
      for (const { topic, partition, next } of ways.values()) {
        consumer.seek({ topic, partition, offset: String(next) });
      }
    },
    unfinished: () => [...new Set([...ways.values()].filter(({ next, end }) => next < end).map(({ topic }) => topic))],
  };
}

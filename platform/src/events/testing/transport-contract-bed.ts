import { randomUUID } from 'node:crypto';
import { createLogger } from '../../log/index.js';
import { eventually } from '../../testing/eventually.js';
import type { EventEnvelope } from '../envelope.js';
import { createTransport } from '../transport/transport-from-config.js';
import type { EventSubscription, EventTransport, SubscribeOptions } from '../transport/transport.js';
import { sampleEvent } from './sample-event.js';
import { startMember } from './transport-member.js';
import type { Member, MemberOptions, TransportAddress } from './transport-member.js';

/** What differs between transports, and what they promise about it. */
export interface TransportTraits {
  readonly address: () => TransportAddress;
  /** Longest time from the death of a member to the delivery of its events to another one. */
  readonly takeOverMs: number;
  /** Longest time from the first event of a topic that nobody knew to its delivery to a pattern. */
  readonly laterTopicMs: number;
}

/** Longer than any transport needs to give a group to another member. */
export const PATIENCE = { within: 30_000 };

/** Transports, topics and member processes of one test file; all of them end with `close`. */
export interface ContractBed {
  readonly traits: TransportTraits;
  /** Another transport, as another process would have it. */
  open(): EventTransport;
  /** A name of its own: the tests share a broker. */
  newTopic(): string;
  append(transport: EventTransport, batch: readonly EventEnvelope[]): Promise<void>;
  /** Subscribes and keeps what is new: at least once is the promise. */
  collect(
    transport: EventTransport,
    topics: readonly string[],
    options: Omit<SubscribeOptions, 'onBatch'>,
  ): Promise<{ readonly events: EventEnvelope[]; readonly subscription: EventSubscription }>;
  /** A process that is a member of the group. */
  startMember(options: Omit<MemberOptions, 'address'>): Member;
  close(): Promise<void>;
}

/** Opens nothing yet. */
export function createContractBed(traits: TransportTraits): ContractBed {
  const logger = createLogger('test', { level: 'silent' });
  const opened: EventTransport[] = [];
  const members: Member[] = [];
  return {
    traits,
    open() {
      const transport = createTransport({
        ...traits.address(),
        clientId: `test-${randomUUID()}`,
        logger,
        onFatal: (error) => {
          throw error;
        },
      });
      opened.push(transport);
      return transport;
    },
    newTopic: () => `orion.test-${randomUUID()}`,
    async append(transport, batch) {
      // A broker may refuse for a moment, after a topic was created; the relay tries again, too.
      await eventually(() => transport.append(batch).then(() => true), PATIENCE);
    },
    async collect(transport, topics, options) {
      const events: EventEnvelope[] = [];
      const seen = new Set<string>();
      const subscription = await transport.subscribe(topics, {
        ...options,
        onBatch: (batch) => {
          for (const event of batch) {
            if (!seen.has(event.id)) events.push(event);
            seen.add(event.id);
          }
          return Promise.resolve();
        },
      });
      return { events, subscription };
    },
    startMember(options) {
      const member = startMember({ ...options, address: traits.address() });
      members.push(member);
      return member;
    },
    async close() {
      await Promise.all(members.splice(0).map((member) => member.kill()));
      await Promise.all(opened.splice(0).map((transport) => transport.close()));
    },
  };
}

/** `count` events whose keys take turns; their `n` rises. */
export function series(topic: string, keys: readonly string[], count: number, first = 0): EventEnvelope[] {
  return Array.from({ length: count }, (_, index) =>
    sampleEvent(topic, { key: keys[(first + index) % keys.length] ?? 'k', n: first + index }),
  );
}

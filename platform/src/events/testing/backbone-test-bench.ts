import { randomUUID } from 'node:crypto';
import { eventually } from '../../testing/eventually.js';
import { createEventBackbone } from '../backbone.js';
import type { BackboneOptions, EventBackbone } from '../backbone.js';
import { consume } from '../consuming/consumer.js';
import type { ConsumerOptions, EventConsumer } from '../consuming/consumer.js';
import { listParkedEvents } from '../consuming/parked-events.js';
import type { ParkedEvent, ParkedState } from '../consuming/parked-events.js';
import type { PendingEvent } from '../contracts/contract.js';
import type { EventEnvelope } from '../envelope.js';
import { publish } from '../publishing/outbox.js';
import type { EventTransport } from '../transport/transport.js';
import { openEventTestBed, openTransport, recordEffects, silent } from './event-test-bed.js';
import type { EventTestBed } from './event-test-bed.js';

/** Longer than the slowest log needs to give a group to another process. */
export const WITHIN = { within: 45_000 };
/** Attempts within milliseconds. */
export const QUICK = { maxAttempts: 3, baseMs: 20, factor: 2, capMs: 100 };
/** No second attempt within a test. */
export const NEVER_AGAIN = { ...QUICK, baseMs: 600_000, capMs: 600_000 };

/** What the tests of the backbone work with: one log, one database of a service. */
export interface BackboneTestBench {
  readonly bed: EventTestBed;
  /** Of the log, for other processes; see `openTransport`. */
  readonly address: string;
  readonly transport: EventTransport;
  /** A name that no other test uses: the broker is shared, and holds what older runs left. */
  name(): string;
  append(events: readonly EventEnvelope[]): Promise<void>;
  /** Publishes through the outbox. */
  publish(events: readonly PendingEvent[]): Promise<readonly EventEnvelope[]>;
  /** A consumer of topic `orion.<group>`, which ends with the test. */
  consume(group: string, options?: Partial<ConsumerOptions>): Promise<EventConsumer>;
  /** A backbone over the database of the service; it ends with the test. */
  backbone(service: string, options?: Partial<BackboneOptions>): EventBackbone;
  /** What comes on `topics` from now on, in this test. */
  watch(topics: readonly string[]): Promise<readonly EventEnvelope[]>;
  /** `n` of what took effect, in order. */
  numbers(group: string): Promise<readonly number[]>;
  parked(group: string, state: ParkedState): Promise<readonly ParkedEvent[]>;
  /** Between two tests. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a bench; `addressOf` names the log. */
export async function openBackboneTestBench(addressOf: (bed: EventTestBed) => string): Promise<BackboneTestBench> {
  const bed = await openEventTestBed();
  const address = addressOf(bed);
  const transport = openTransport(address, 'test');
  const running: { stop(): Promise<void> }[] = [];
  const track = <Type extends { stop(): Promise<void> }>(part: Type): Type => {
    running.push(part);
    return part;
  };

  async function reset(): Promise<void> {
    // The other way round: a backbone stops before what watches it.
    for (const part of running.splice(0).toReversed()) await part.stop();
  }

  return {
    bed,
    address,
    transport,
    name: () => `test-${randomUUID()}`,
    // A broker may refuse for a moment, after a topic was created; the relay tries again, too.
    append: async (events) => void (await eventually(() => transport.append(events).then(() => true), WITHIN)),
    publish: (events) => bed.dataSource.transaction((manager) => publish(manager, events)),
    consume: async (group, options = {}) =>
      track(
        await consume({
          dataSource: bed.dataSource,
          transport,
          group,
          topics: [`orion.${group}`],
          ordering: 'none',
          handle: recordEffects(group),
          logger: silent,
          retry: QUICK,
          ...options,
        }),
      ),
    backbone: (service, options = {}) =>
      track(
        createEventBackbone({
          service,
          dataSource: bed.dataSource,
          databaseUrl: bed.databaseUrl,
          transport,
          logger: silent,
          retry: QUICK,
          ...options,
        }),
      ),
    async watch(topics) {
      const events = new Map<string, EventEnvelope>();
      const list: EventEnvelope[] = [];
      const tail = track(
        await transport.tail(topics, {
          onEvent(event) {
            if (!events.has(event.id)) list.push(event);
            events.set(event.id, event);
          },
        }),
      );
      await tail.caughtUp;
      return list;
    },
    numbers: async (group) => (await bed.effects(group)).map(({ n }) => n),
    parked: (group, state) => listParkedEvents(bed.dataSource.manager, { group, state, limit: 10_000 }),
    reset,
    async close() {
      await reset();
      await transport.close();
      await bed.close();
    },
  };
}

import type { DataSource } from 'typeorm';
import type { Logger } from '../log/index.js';
import { consume } from './consumer.js';
import type { ConsumerOptions, EventConsumer } from './consumer.js';
import { startRelay } from './relay.js';
import type { EventRelay } from './relay.js';
import type { EventTransport } from './transport.js';

/** What one service consumes; the backbone knows the rest. */
export type ServiceConsumerOptions = Omit<ConsumerOptions, 'dataSource' | 'transport' | 'logger'>;

/** The events of one service: what it published leaves its outbox, what it consumes takes effect in its database. */
export interface EventBackbone {
  /** Registers a consumer. It begins with `start`, or at once when that was before. */
  consume(options: ServiceConsumerOptions): void;
  /** Starts the relay and the registered consumers. A broker that is down does not keep it from starting. */
  start(): Promise<void>;
  /** Stops consumers, then the relay; what is in flight is finished. The transport stays open: it is the caller's. */
  stop(): Promise<void>;
}

/** One backbone a process. `databaseUrl` is the database of `dataSource`, for the connection that the relay holds. */
export function createEventBackbone(options: {
  readonly service: string;
  readonly dataSource: DataSource;
  readonly databaseUrl: string;
  readonly transport: EventTransport;
  readonly logger: Logger;
}): EventBackbone {
  const { service, dataSource, databaseUrl, transport, logger } = options;
  const groups = new Set<string>();
  const registered: ServiceConsumerOptions[] = [];
  const consumers: Promise<EventConsumer>[] = [];
  let relay: EventRelay | undefined;

  function begin(consumer: ServiceConsumerOptions): Promise<EventConsumer> {
    const begun = consume({ ...consumer, dataSource, transport, logger });
    begun.catch((error: unknown) =>
      logger.error({ err: error, group: consumer.group }, 'event consumer did not start'),
    );
    consumers.push(begun);
    return begun;
  }

  return {
    consume(consumer) {
      if (groups.has(consumer.group)) throw new Error(`two consumers of group ${consumer.group}`);
      groups.add(consumer.group);
      if (relay === undefined) registered.push(consumer);
      else void begin(consumer);
    },
    async start() {
      if (relay !== undefined) return;
      relay = startRelay({ databaseUrl, service, dataSource, transport, logger });
      await Promise.all(registered.map(begin));
    },
    async stop() {
      const begun = await Promise.allSettled(consumers);
      await Promise.all(begun.flatMap((consumer) => (consumer.status === 'fulfilled' ? [consumer.value.stop()] : [])));
      await relay?.stop();
    },
  };
}

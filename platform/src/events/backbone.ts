import type { DataSource } from 'typeorm';
import type { Logger } from '../log/index.js';
import type { Metrics } from '../metrics/index.js';
import { createBackboneHealth } from './backbone-health.js';
import type { BackboneHealth } from './backbone-health.js';
import { createReplays } from './backbone-replays.js';
import type { Replays } from './backbone-replays.js';
import { consume, createProcessing } from './consuming/consumer.js';
import type { ConsumerOptions } from './consuming/consumer.js';
import type { RetryPolicy } from './consuming/retry-policy.js';
import { registerEventGauges } from './event-gauges.js';
import { createEventMetrics, NO_EVENT_METRICS } from './event-metrics.js';
import {
  createOperationsHandler,
  operatedGroupOf,
  OPERATIONS_TOPIC,
  OPERATIONS_TYPES,
} from './operations/operations.js';
import { startRelay } from './publishing/relay.js';
import type { EventRelay } from './publishing/relay.js';
import type { RegisteredGroup } from './registered-group.js';
import type { EventTransport, GroupLag } from './transport/transport.js';

/** What one service consumes; the backbone knows the rest. */
export type ServiceConsumerOptions = Omit<
  ConsumerOptions,
  'dataSource' | 'transport' | 'service' | 'logger' | 'metrics'
>;

/** The events of one service: what it published leaves its outbox, what it consumes takes effect in its database. */
export interface EventBackbone {
  /** Registers a consumer. It begins with `start`, or at once when that was before. */
  consume(options: ServiceConsumerOptions): void;
  /**
   * Starts the relay, the registered consumers and `<service>.operations`, which carries out what operators ask of their
   * groups over the bus. A broker that is down does not keep it from starting.
   */
  start(): Promise<void>;
  /** Reads the log again for a group that is registered here; see GroupReplay. */
  replay: Replays['replay'];
  /** What each registered group has not taken yet. Rejects when the log does not answer. */
  lag(): Promise<readonly (GroupLag & { readonly group: string })[]>;
  /** What stands still, for a person to look at. Rejects when the database does not answer. */
  health(): Promise<BackboneHealth>;
  /** Stops consumers, then the relay; what is in flight is finished. The transport stays open: it is the caller's. */
  stop(): Promise<void>;
}

/** What a backbone is made of. */
export interface BackboneOptions {
  readonly service: string;
  readonly dataSource: DataSource;
  /** The database of `dataSource`, for the connection that the relay holds. */
  readonly databaseUrl: string;
  readonly transport: EventTransport;
  readonly logger: Logger;
  /** For consumers that name none. */
  readonly retry?: Partial<RetryPolicy> | undefined;
  readonly metrics?: Metrics | undefined;
}

/** One backbone a process. */
export function createEventBackbone(options: BackboneOptions): EventBackbone {
  const { service, dataSource, databaseUrl, transport, logger, metrics } = options;
  const eventMetrics = metrics === undefined ? NO_EVENT_METRICS : createEventMetrics(metrics);
  const groups = new Map<string, RegisteredGroup>();
  const beginnings: Promise<void>[] = [];
  const replays = createReplays({ service, dataSource, transport, logger, groups });
  let relay: EventRelay | undefined;
  let forgetGauges: (() => void) | undefined;

  function register(consumer: ServiceConsumerOptions): RegisteredGroup {
    const { group } = consumer;
    if (groups.has(group)) throw new Error(`two consumers of group ${group}`);
    const retry = consumer.retry ?? options.retry;
    const registered: RegisteredGroup = {
      options: { ...consumer, retry, dataSource, service, logger, metrics: eventMetrics },
      consumer: undefined,
    };
    groups.set(group, registered);
    return registered;
  }

  function begin(registered: RegisteredGroup): Promise<void> {
    const begun = consume({ ...registered.options, transport }).then((consumer) => {
      registered.consumer = consumer;
    });
    begun.catch((error: unknown) =>
      logger.error({ err: error, group: registered.options.group }, 'event consumer did not start'),
    );
    beginnings.push(begun);
    return begun;
  }

  const lagOf = (group: string): Promise<GroupLag> => transport.lag(group, groups.get(group)?.options.topics ?? []);

  return {
    consume(consumer) {
      const registered = register(consumer);
      if (relay !== undefined) void begin(registered);
    },
    async start() {
      if (relay !== undefined) return;
      register({
        group: `${service}.operations`,
        topics: [OPERATIONS_TOPIC],
        types: OPERATIONS_TYPES,
        ordering: 'key',
        handle: createOperationsHandler(service, {
          has: (group) => groups.has(group),
          resolverOf(group) {
            const registered = groups.get(group);
            return registered && createProcessing(registered.options).resolve;
          },
        }),
        afterCommit(commands) {
          for (const command of commands) groups.get(operatedGroupOf(command))?.consumer?.retryNow();
          replays.wake();
        },
      });
      if (metrics !== undefined)
        forgetGauges = registerEventGauges(metrics, { dataSource, groups: () => [...groups.keys()], lagOf });
      relay = startRelay({
        databaseUrl,
        service,
        dataSource,
        transport: {
          ...transport,
          async append(batch) {
            await transport.append(batch);
            eventMetrics.appended(batch.length);
          },
        },
        logger,
      });
      replays.start();
      await Promise.all([...groups.values()].map(begin));
    },
    replay: replays.replay,
    lag: () => Promise.all([...groups.keys()].map(async (group) => ({ group, ...(await lagOf(group)) }))),
    health: createBackboneHealth({ dataSource, groups }),
    async stop() {
      forgetGauges?.();
      await Promise.allSettled(beginnings);
      await replays.stop();
      await Promise.all([...groups.values()].map(async ({ consumer }) => consumer?.stop()));
      await relay?.stop();
    },
  };
}

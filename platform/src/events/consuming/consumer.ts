import type { DataSource } from 'typeorm';
import { allEventContracts } from '../../event-contracts/index.js';
import type { Logger } from '../../log/index.js';
import type { EventContract } from '../contracts/contract.js';
import { createEventResolver, UnknownEventVersionError } from '../contracts/resolve-event.js';
import type { ResolveEvent } from '../contracts/resolve-event.js';
import { matcherOf } from '../contracts/topic-pattern.js';
import type { EventEnvelope } from '../envelope.js';
import { NO_EVENT_METRICS } from '../event-metrics.js';
import type { EventMetrics } from '../event-metrics.js';
import { nameOfType } from '../event-type.js';
import type { LogPosition } from '../transport/log-position.js';
import type { EventTransport } from '../transport/transport.js';
import { createBatchHandler } from './batch-handler.js';
import type { EventOrdering, Processing } from './event-processing.js';
import { startRetryLoop } from './retry-loop.js';
import { retryPolicyOf } from './retry-policy.js';
import type { RetryPolicy } from './retry-policy.js';
import type { EventHandler } from './route.js';

/** A batch is in memory as a whole, and one transaction: what is larger gains nothing. */
const MAX_BATCH_SIZE = 5_000;

/** One consumer group in one process. */
export interface EventConsumer {
  /** Since when it is at the same batch of the log; null when it waits for the next one. */
  busySince(): Date | null;
  /** Parked events were made due from outside: looks now, and not within seconds. */
  retryNow(): void;
  /** Resolves when no handler runs any more and none will be called. */
  stop(): Promise<void>;
}

/** What to consume, and how. */
export interface ConsumerOptions {
  /** Database of the service, with the tables of EVENT_TABLES_V1 and V2. */
  readonly dataSource: DataSource;
  readonly transport: EventTransport;
  /** Named in what is published about dead events; default: the group. */
  readonly service?: string | undefined;
  /** Unique among all services; its processes share the work. Renaming it starts from `startAt`. */
  readonly group: string;
  /** Names or patterns, see `matcherOf`. */
  readonly topics: readonly string[];
  /**
   * Patterns over names of events, without `dev.orion.` and version: `user.*`, `**.failed`. Events of other types are
   * passed over, whether they are known or not, and leave no row in the inbox. Default: every type.
   */
  readonly types?: readonly string[] | undefined;
  readonly ordering: EventOrdering;
  readonly handle: EventHandler;
  readonly logger: Logger;
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** Known event types; default all of event-contracts. Those of `route` are always known. */
  readonly contracts?: readonly EventContract[] | undefined;
  /** Events in one transaction at the most, up to 5000; default 500. */
  readonly batchSize?: number | undefined;
  /** Where a group begins that the log has never seen; default 'beginning'. */
  readonly startAt?: LogPosition | undefined;
  readonly metrics?: EventMetrics | undefined;
  /** Called with what took effect, after the commit, to wake who works on it; it may be lost in a crash. Must not throw. */
  readonly afterCommit?: ((events: readonly EventEnvelope[]) => void) | undefined;
}

/**
 * Makes every event take effect exactly once in the database of the service, however often it is delivered: the inbox,
 * the effects and the parked failures of a batch are one transaction. What the handler does outside of the database
 * may happen more than once.
 *
 * An event whose type is unknown, whose data breaks its contract or whose handler rejects is parked and tried again,
 * then dead: `event.dead_lettered` is published, and operators decide (see settle-parked.ts). Nothing is dropped.
 */
export async function consume(options: ConsumerOptions): Promise<EventConsumer> {
  const { batchSize, startAt } = options;
  if (batchSize !== undefined && !(Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= MAX_BATCH_SIZE))
    throw new RangeError(`batchSize must be a whole number from 1 to ${MAX_BATCH_SIZE}, not ${batchSize}`);
  const processing = createProcessing(options);
  const retries = startRetryLoop(processing);
  const batches = createBatchHandler(processing, {
    onOutcome: ({ parked }) => {
      if (parked.length > 0) retries.wake();
    },
  });
  const subscription = await options.transport
    .subscribe(options.topics, { group: options.group, batchSize, startAt, onBatch: batches.handle })
    .catch(async (error: unknown) => {
      await retries.stop();
      throw error;
    });
  return {
    busySince: batches.busySince,
    retryNow: retries.wake,
    async stop() {
      await Promise.all([subscription.stop(), retries.stop()]);
    },
  };
}

/** What the parts of a consumer work with. Throws when a pattern or the retry policy is not one. */
export function createProcessing(
  options: Omit<ConsumerOptions, 'transport' | 'topics' | 'batchSize' | 'startAt'>,
): Processing {
  const { dataSource, group, ordering, handle, types, logger } = options;
  const matches = types && matcherOf(types);
  const resolve = createEventResolver({ known: options.contracts ?? allEventContracts, taken: handle.contracts });
  return {
    dataSource,
    service: options.service ?? group,
    group,
    ordering,
    handle,
    resolve: alarmOnce(resolve, { group, logger }),
    wants: matches === undefined ? () => true : (type) => matches(nameOfType(type)),
    retry: retryPolicyOf(options.retry),
    metrics: (options.metrics ?? NO_EVENT_METRICS).group(group),
    afterCommit: options.afterCommit ?? (() => undefined),
    logger,
  };
}

/** Somebody has to deploy: a version that is not known here is an alarm, once a type and not for each event. */
function alarmOnce(
  resolve: ResolveEvent,
  { group, logger }: { readonly group: string; readonly logger: Logger },
): ResolveEvent {
  const alarmed = new Set<string>();
  return (event) => {
    try {
      return resolve(event);
    } catch (error) {
      const { type } = event;
      const name = nameOfType(type);
      if (error instanceof UnknownEventVersionError && !alarmed.has(name)) {
        alarmed.add(name);
        logger.error(
          { err: error, group, type },
          'events of a version that is not known here are parked, for a day before they are dead',
        );
      }
      throw error;
    }
  };
}

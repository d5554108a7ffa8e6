import type { DataSource } from 'typeorm';
import { allEventContracts } from '../event-contracts/index.js';
import type { Logger } from '../log/index.js';
import { backoffDelay } from './backoff.js';
import { createConditionLog } from './condition-log.js';
import { indexContracts } from './contract.js';
import type { EventContract } from './contract.js';
import type { EventEnvelope } from './envelope.js';
import { DEFAULT_RETRY } from './event-processing.js';
import type { EventOrdering, Processing, RetryPolicy } from './event-processing.js';
import { parkOutright, processBatch } from './process-batch.js';
import { pruneConsumer, readNextDue, retryDueEvents } from './retry-parked.js';
import type { EventHandler } from './route.js';
import type { EventTransport } from './transport.js';
import { createWakeUp } from './wake-up.js';

/** After so many failures in a row of the whole transaction, events are taken one by one to find the one to blame. */
const FAILURES_BEFORE_ONE_BY_ONE = 3;
/** Another process may park or redrive events. */
const LOOK_FOR_PARKED_MS = 2_000;
/** All that is due is being worked on by another process. */
const ALL_CLAIMED_MS = 200;
const RETRY_AFTER_ERROR = { baseMs: 200, capMs: 10_000 };
const PRUNE_EVERY_MS = 60 * 60_000;
/** Must be longer than transports keep events: the inbox is what makes a replay harmless. */
const INBOX_KEEP_DAYS = 30;

/** One consumer group in one process. */
export interface EventConsumer {
  /** Resolves when no handler runs any more and none will be called. */
  stop(): Promise<void>;
}

/** What to consume, and how. */
export interface ConsumerOptions {
  /** Database of the service, with the tables of EVENT_TABLES_V1. */
  readonly dataSource: DataSource;
  readonly transport: EventTransport;
  /** Unique among all services; its processes share the work. Renaming it starts from the beginning of the log. */
  readonly group: string;
  readonly topics: readonly string[];
  readonly ordering: EventOrdering;
  readonly handle: EventHandler;
  readonly logger: Logger;
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** Known event types; default all of event-contracts. Those of `route` are always known. */
  readonly contracts?: readonly EventContract[] | undefined;
  /** Events in one transaction at the most; default 500. */
  readonly batchSize?: number | undefined;
}

/**
 * Makes every event take effect exactly once in the database of the service, however often it is delivered: the inbox,
 * the effects and the parked failures of a batch are one transaction. What the handler does outside of the database
 * may happen more than once.
 *
 * An event whose type is unknown, whose data breaks its contract or whose handler rejects is parked and tried again,
 * then dead: `event.dead_lettered` is published, and operators decide (see parked-events.ts). Nothing is dropped.
 */
export async function consume(options: ConsumerOptions): Promise<EventConsumer> {
  const processing: Processing = {
    dataSource: options.dataSource,
    group: options.group,
    ordering: options.ordering,
    contracts: indexContracts([...(options.contracts ?? allEventContracts), ...(options.handle.contracts ?? [])]),
    handle: options.handle,
    retry: withDefaults(options.retry),
    logger: options.logger,
  };
  const retries = startRetries(processing);
  const subscription = await options.transport.subscribe(options.topics, {
    group: options.group,
    onBatch: createBatchHandler(processing, retries.wake),
    ...(options.batchSize !== undefined && { batchSize: options.batchSize }),
  });
  return {
    async stop() {
      await Promise.all([subscription.stop(), retries.stop()]);
    },
  };
}

function withDefaults(retry: Partial<RetryPolicy> = {}): RetryPolicy {
  return {
    maxAttempts: retry.maxAttempts ?? DEFAULT_RETRY.maxAttempts,
    baseMs: retry.baseMs ?? DEFAULT_RETRY.baseMs,
    factor: retry.factor ?? DEFAULT_RETRY.factor,
    capMs: retry.capMs ?? DEFAULT_RETRY.capMs,
  };
}

function createBatchHandler(
  processing: Processing,
  onParked: () => void,
): (batch: readonly EventEnvelope[]) => Promise<void> {
  let failures = 0;
  return async (batch) => {
    let parked: number;
    try {
      parked = await processBatch(processing, batch);
    } catch (error) {
      failures += 1;
      if (failures < FAILURES_BEFORE_ONE_BY_ONE) throw error;
      parked = await processOneByOne(processing, batch);
    }
    failures = 0;
    if (parked > 0) onParked();
  };
}

/** Parks those events that break their transaction; rejects when not even that is possible: the database is down. */
async function processOneByOne(processing: Processing, batch: readonly EventEnvelope[]): Promise<number> {
  let parked = 0;
  for (const event of batch) {
    try {
      parked += await processBatch(processing, [event]);
    } catch (error) {
      await parkOutright(processing, event, error);
      processing.logger.warn(
        { err: error, group: processing.group, eventId: event.id, type: event.type },
        'event broke its transaction and is parked',
      );
      parked += 1;
    }
  }
  return parked;
}

function startRetries(processing: Processing): { wake(): void; stop(): Promise<void> } {
  const { group, logger } = processing;
  const condition = createConditionLog(logger, `retries of event group ${group}`);
  const work = createWakeUp();
  const halt = createWakeUp();
  let stopped = false;
  let failures = 0;
  let pruneAt = Date.now();

  async function turn(): Promise<void> {
    const due = await readNextDue(processing);
    if (due === 0) {
      if (!(await retryDueEvents(processing, () => !stopped))) await work.sleep(ALL_CLAIMED_MS);
    } else {
      if (Date.now() >= pruneAt) {
        pruneAt = Date.now() + PRUNE_EVERY_MS;
        await pruneConsumer(processing, INBOX_KEEP_DAYS);
      }
      // Rounded up: a timer that fires a fraction early would ask again for nothing.
      await work.sleep(Math.min(Math.ceil(due ?? LOOK_FOR_PARKED_MS), LOOK_FOR_PARKED_MS));
    }
    condition.works();
    failures = 0;
  }

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        await turn();
      } catch (error) {
        failures += 1;
        condition.fails(error);
        await halt.sleep(backoffDelay(failures, RETRY_AFTER_ERROR));
      }
    }
  }

  const running = run();
  return {
    wake: work.wake,
    async stop() {
      stopped = true;
      work.wake();
      halt.wake();
      await running;
    },
  };
}

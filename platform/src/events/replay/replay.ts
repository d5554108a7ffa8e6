import { setTimeout as wait } from 'node:timers/promises';
import { backoffDelay } from '../../pacing/index.js';
import { createBatchHandler } from '../consuming/batch-handler.js';
import type { Processing } from '../consuming/event-processing.js';
import type { AlsoInTransaction } from '../consuming/process-batch.js';
import { INBOX_KEEP_DAYS } from '../consuming/prune-consumers.js';
import { matcherOf } from '../contracts/topic-pattern.js';
import type { EventEnvelope } from '../envelope.js';
import { nameOfType } from '../event-type.js';
import type { LogPosition } from '../transport/log-position.js';
import type { EventTransport } from '../transport/transport.js';
import { ReplayLostError } from './replay-queue.js';

const DAY_MS = 86_400_000;
/** A day less than the inbox remembers: clocks differ, and the inbox is pruned while a replay runs. */
const REMEMBERED_MS = (INBOX_KEEP_DAYS - 1) * DAY_MS;
const RETRY = { baseMs: 100, capMs: 5_000 };
/** A database that is away for longer ends the replay. */
const MAX_ATTEMPTS = 10;

/** What a replay did. */
export interface ReplayResult {
  /** Read from the log. */
  readonly events: number;
  /** New to the group: took effect or were parked. */
  readonly effects: number;
  /** Left out because the inbox may have forgotten them: they may have taken effect before. */
  readonly skipped: number;
}

/** What to read again, and into what. */
export interface ReplayPlan {
  readonly processing: Processing;
  readonly transport: EventTransport;
  readonly topics: readonly string[];
  readonly from: LogPosition;
  /** Patterns over names of events; those of the group hold as well. */
  readonly types?: readonly string[] | undefined;
  /**
   * live: the group has taken effect of nearly everything, its inbox tells of what not. Events older than the inbox
   * remembers are left out. shadow: a group that begins with an empty inbox, for which nothing is too old.
   */
  readonly kind: 'live' | 'shadow';
  /** Called when events were parked. */
  readonly onParked: () => void;
  readonly also?: AlsoInTransaction | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the log once more, to where it ended when this began, through an inbox: what has taken effect does not so
 * again. So it may be done twice, by several processes, and over again after a crash.
 *
 * Rejects when the log does not answer at the start, when the database is away for long, and when `signal` says so;
 * what was done until then stays.
 */
export async function replayEvents(plan: ReplayPlan): Promise<ReplayResult> {
  const { transport, topics, kind, signal, also, onParked } = plan;
  const matches = plan.types && matcherOf(plan.types);
  const { wants } = plan.processing;
  const processing = {
    ...plan.processing,
    wants: (type: string) => wants(type) && (matches === undefined || matches(nameOfType(type))),
  };
  const horizon = new Date(Date.now() - REMEMBERED_MS);
  let effects = 0;
  let skipped = 0;
  const batches = createBatchHandler(processing, {
    ...(also && { also }),
    onOutcome: ({ handled, parked }) => {
      effects += handled.length + parked.length;
      if (parked.length > 0) onParked();
    },
  });
  const { events } = await transport.replay(topics, {
    from: kind === 'live' ? notBefore(horizon, plan.from) : plan.from,
    ...(signal && { signal }),
    async onBatch(batch) {
      const remembered = kind === 'live' ? batch.filter((event) => isSince(horizon, event)) : batch;
      skipped += batch.length - remembered.length;
      await untilDone(() => batches.handle(remembered), signal);
    },
  });
  if (skipped > 0)
    processing.logger.warn(
      { group: processing.group, skipped, horizon },
      'events that are older than the inbox remembers were not replayed: they may have taken effect before',
    );
  return { events, effects, skipped };
}

/** By the time at which the log recorded events, where the place can be said in time. */
function notBefore(horizon: Date, from: LogPosition): LogPosition {
  if (from === 'beginning') return { time: horizon };
  if (typeof from === 'object' && 'time' in from && from.time < horizon) return { time: horizon };
  return from;
}

/** An event without a time is not one of ours; its place in the log had to be enough. */
function isSince(horizon: Date, { time }: EventEnvelope): boolean {
  return !(Date.parse(time) < horizon.getTime());
}

async function untilDone(work: () => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      if (failures >= MAX_ATTEMPTS || error instanceof ReplayLostError) throw error;
    }
    // Ended early, it says so on the next line.
    await wait(backoffDelay(failures, RETRY), undefined, { ...(signal && { signal }) }).catch(() => undefined);
    signal?.throwIfAborted();
  }
}

import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { auditRecorded, eventsReplayed } from '../../event-contracts/index.js';
import { uuidv7 } from '../../ids/index.js';
import { createConditionLog } from '../../log/index.js';
import type { Logger } from '../../log/index.js';
import { backoffDelay, createWakeUp } from '../../pacing/index.js';
import { runCausedBy } from '../causation.js';
import { describeError } from '../consuming/parked-events.js';
import type { AlsoInTransaction } from '../consuming/process-batch.js';
import { publish } from '../publishing/outbox.js';
import { claimReplay, finishReplay, keepReplay, releaseReplay, ReplayLostError } from './replay-queue.js';
import type { RequestedReplay } from './replay-queue.js';
import type { ReplayResult } from './replay.js';

/** Another process may have taken the command, and died. */
const LOOK_MS = 5_000;
const HEARTBEAT_MS = 10_000;
const RETRY_AFTER_ERROR = { baseMs: 500, capMs: 10_000 };

/** Carries out the replays that were asked for over the bus, one after the other. */
export interface ReplayRunner {
  wake(): void;
  /** Gives back the one that runs. */
  stop(): Promise<void>;
}

/** How to do one replay. */
export type RunReplay = (
  replay: RequestedReplay,
  options: { readonly signal: AbortSignal; readonly also: AlsoInTransaction },
) => Promise<ReplayResult>;

/**
 * Any number of processes may run one: a replay belongs to whoever holds its lease, its effects are counted in the
 * transactions that make them, and the answer is published by whoever ends it.
 */
export function startReplayRunner(options: {
  readonly service: string;
  readonly dataSource: DataSource;
  readonly logger: Logger;
  /** Groups that this process can replay. */
  readonly groups: () => readonly string[];
  readonly run: RunReplay;
}): ReplayRunner {
  const { service, dataSource, logger, groups } = options;
  const condition = createConditionLog(logger, 'event replays');
  const owner = randomUUID();
  const work = createWakeUp();
  const stopping = new AbortController();
  let failures = 0;

  async function turn(): Promise<void> {
    const replay = await claimReplay(dataSource, { owner, groups: groups() });
    if (replay === undefined) await work.sleep(LOOK_MS);
    else await carryOut(replay);
    condition.works();
    failures = 0;
  }

  async function carryOut(replay: RequestedReplay): Promise<void> {
    const { id, group } = replay;
    const ownership = { id, owner };
    const lost = new AbortController();
    const heartbeat = setInterval(() => {
      keepReplay(dataSource.manager, ownership, { effects: 0 }).catch((error: unknown) => {
        // A database that is away for a moment is no reason; the lease tells when it is too late.
        if (error instanceof ReplayLostError) lost.abort(error);
        else logger.debug({ err: error, replayId: id }, 'the lease of a replay was not renewed');
      });
    }, HEARTBEAT_MS);
    logger.info({ replayId: id, group }, 'events are replayed');
    try {
      const { skipped } = await options.run(replay, {
        signal: AbortSignal.any([stopping.signal, lost.signal]),
        also: (manager, { handled, parked }) =>
          keepReplay(manager, ownership, { effects: handled.length + parked.length }),
      });
      await answer(replay, { skipped, error: null });
    } catch (error) {
      if (error instanceof ReplayLostError) logger.info({ replayId: id }, error.message);
      else if (stopping.signal.aborted) await releaseReplay(dataSource, ownership);
      else {
        logger.error({ err: error, replayId: id, group }, 'a replay ended too early');
        await answer(replay, { skipped: 0, error: describeError(error) });
      }
    } finally {
      clearInterval(heartbeat);
    }
  }

  async function answer(
    { id, group, cause, request: { requestedById } }: RequestedReplay,
    { skipped, error }: { readonly skipped: number; readonly error: string | null },
  ): Promise<void> {
    await dataSource.transaction(async (manager) => {
      // Of all processes that had a part in it.
      const events = await finishReplay(manager, { id, owner }, error);
      if (events === undefined) return;
      const at = new Date().toISOString();
      await runCausedBy(cause, () =>
        publish(manager, [
          eventsReplayed.of({ replayId: id, group, service, events, skipped, error, finishedAt: at }),
          auditRecorded.of({
            auditId: uuidv7(),
            actorType: requestedById === null ? 'system' : 'user',
            actorId: requestedById,
            action: 'events.replayed',
            outcome: error === null ? 'success' : 'failure',
            targets: [{ type: 'replay', id }],
            service,
            reason: null,
            ip: null,
            userAgent: null,
            details: { group, events, skipped },
            occurredAt: at,
          }),
        ]),
      );
      logger.info({ replayId: id, group, events, skipped, error }, 'events were replayed');
    });
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await turn();
      } catch (error) {
        failures += 1;
        condition.fails(error);
        await work.sleep(backoffDelay(failures, RETRY_AFTER_ERROR));
      }
    }
  }

  const running = run();
  return {
    wake: work.wake,
    async stop() {
      stopping.abort(new Error('the process stops'));
      work.wake();
      await running;
    },
  };
}

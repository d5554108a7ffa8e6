import { setTimeout as wait } from 'node:timers/promises';
import { startRetryLoop } from '../consuming/retry-loop.js';
import { replayEvents } from './replay.js';
import type { ReplayPlan, ReplayResult } from './replay.js';

const LOOK_MS = 100;

/** What a replay into a shadow group did. */
export interface ShadowReplayResult extends ReplayResult {
  /** Could not be processed: they are parked as dead in the shadow group, as in any other. */
  readonly dead: number;
}

/**
 * Rebuilds a projection: reads the log into a group of its own, whose handler writes to other tables. Resolves when all
 * has taken effect or is dead, retries included. After a crash it is begun again, and goes on with what is missing.
 */
export async function replayIntoShadow(plan: Omit<ReplayPlan, 'kind' | 'onParked'>): Promise<ShadowReplayResult> {
  const { processing, signal } = plan;
  const retries = startRetryLoop(processing);
  try {
    const result = await replayEvents({ ...plan, kind: 'shadow', onParked: retries.wake });
    for (;;) {
      signal?.throwIfAborted();
      const [{ retry, dead }]: [{ retry: number; dead: number }] = await processing.dataSource.query(
        `SELECT count(*) FILTER (WHERE state = 'retry')::int AS retry, count(*) FILTER (WHERE state = 'dead')::int AS dead
         FROM parked_events WHERE grp = $1`,
        [processing.group],
      );
      if (retry === 0) return { ...result, dead };
      await wait(LOOK_MS);
    }
  } finally {
    await retries.stop();
  }
}

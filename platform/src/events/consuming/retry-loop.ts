import { createConditionLog } from '../../log/index.js';
import { backoffDelay, createWakeUp } from '../../pacing/index.js';
import { readNextDue } from './claim-parked.js';
import type { Processing } from './event-processing.js';
import { createParkingWatch } from './parking-watch.js';
import { pruneConsumers } from './prune-consumers.js';
import { retryDueEvents } from './retry-parked.js';

/** Another process may park or redrive events. */
const LOOK_FOR_PARKED_MS = 2_000;
/** All that is due is being worked on by another process. */
const ALL_CLAIMED_MS = 200;
const RETRY_AFTER_ERROR = { baseMs: 200, capMs: 10_000 };
const PRUNE_EVERY_MS = 60 * 60_000;

/** Tries parked events of a group again, each when it is due. */
export interface RetryLoop {
  /** There is something new to look at. */
  wake(): void;
  /** Resolves when no handler runs any more. */
  stop(): Promise<void>;
}

/** Sleeps on a timer until the next event is due by the clock of the database; it does not poll for that. */
export function startRetryLoop(processing: Processing): RetryLoop {
  const { dataSource, group, logger } = processing;
  const condition = createConditionLog(logger, `retries of event group ${group}`);
  const parking = createParkingWatch(processing);
  const work = createWakeUp();
  const halt = createWakeUp();
  const goOn = () => !stopped;
  let stopped = false;
  let failures = 0;
  let pruneAt = Date.now();

  async function turn(): Promise<void> {
    const due = await readNextDue(processing);
    if (due === 0) {
      if (!(await retryDueEvents(processing, goOn))) await work.sleep(ALL_CLAIMED_MS);
    } else {
      if (Date.now() >= pruneAt) {
        pruneAt = Date.now() + PRUNE_EVERY_MS;
        await pruneConsumers(dataSource, goOn);
      }
      // Rounded up: a timer that fires a fraction early would ask again for nothing.
      await work.sleep(Math.min(Math.ceil(due ?? LOOK_FOR_PARKED_MS), LOOK_FOR_PARKED_MS));
    }
    if (due !== undefined) await parking.look();
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

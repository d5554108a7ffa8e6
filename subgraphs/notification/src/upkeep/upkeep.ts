import type { Logger } from '@orion/platform/log';
import type { DataSource } from 'typeorm';

const EVERY_MS = 60 * 60_000;
/** Nobody repeats a request after so long. */
const KEY_DAYS = 30;

/** Deletes what nobody needs any more. */
export interface Upkeep {
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** Forgets old idempotency keys: now and every hour, beside everything else. */
export function startUpkeep(database: DataSource, { logger }: { readonly logger: Logger }): Upkeep {
  const turn = async (): Promise<void> => {
    try {
      await database.query('DELETE FROM sends WHERE created_at < now() - make_interval(days => $1)', [KEY_DAYS]);
    } catch (error) {
      // A key that is known for longer does no harm.
      logger.warn({ err: error }, 'old idempotency keys are not deleted, trying again in an hour');
    }
  };
  let running = turn();
  const timer = setInterval(() => {
    running = running.then(turn);
  }, EVERY_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      return running;
    },
  };
}

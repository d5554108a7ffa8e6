import type { Logger } from '@orion/platform/log';
import type { DataSource } from 'typeorm';
import { LONGEST_WINDOW_SECONDS } from '../quota/quota.service.js';

const EVERY_MS = 60 * 60_000;

/** What is deleted, each by one statement, in this order. */
const DELETIONS = {
  // Of a session that goes on, used tokens stay: they show when somebody uses a copy.
  refreshTokens: `DELETE FROM refresh_tokens USING sessions
    WHERE sessions.id = refresh_tokens.session_id AND (sessions.revoked_at IS NOT NULL OR sessions.expires_at < now())`,
  sessions: `DELETE FROM sessions
    WHERE revoked_at < now() - interval '30 days' OR expires_at < now() - interval '30 days'`,
  devices: `DELETE FROM devices
    WHERE last_seen_at < now() - interval '90 days'
      AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.device_id = devices.id)`,
  oneTimeTokens: 'DELETE FROM one_time_tokens WHERE expires_at < now()',
  quotas: `DELETE FROM quotas WHERE since < now() - interval '${LONGEST_WINDOW_SECONDS} seconds'`,
} as const;

/** Deletes what nobody can use any more. */
export interface Upkeep {
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** Works now and every hour, beside everything else: nothing waits for it. */
export function startUpkeep(database: DataSource, { logger }: { readonly logger: Logger }): Upkeep {
  const turn = async (): Promise<void> => {
    for (const [what, statement] of Object.entries(DELETIONS)) {
      try {
        const [, deleted] = await database.query<[unknown, number]>(statement);
        if (deleted > 0) logger.info({ what, deleted }, 'deleted what is over');
      } catch (error) {
        // None of it lets anybody in: it may lie here for another hour.
        logger.warn({ err: error, what }, 'what is over is not deleted, trying again in an hour');
      }
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

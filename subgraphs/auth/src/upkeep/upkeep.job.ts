import { defineJob } from '@orion/platform/jobs';
import type { JobWorker } from '@orion/platform/jobs';
import type { Logger } from '@orion/platform/log';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { LONGEST_WINDOW_SECONDS } from '../rate-limit/rate-limit.service.js';

/** Deletes what nobody can use any more. */
const upkeep = defineJob({ name: 'upkeep', schema: z.object({}), priority: 'bulk' });

/** What is deleted, each by one statement, in this order. */
const DELETIONS = {
  // Of a session that goes on, used tokens stay: they show when somebody uses a copy.
  authTokens: `DELETE FROM auth_tokens USING sessions
    WHERE sessions.id = auth_tokens.session_id AND (sessions.revoked_at IS NOT NULL OR sessions.expires_at < now())`,
  sessions: `DELETE FROM sessions
    WHERE revoked_at < now() - interval '30 days' OR expires_at < now() - interval '30 days'`,
  blacklist: 'DELETE FROM session_blacklist WHERE expires_at < now()',
  impersonations: `DELETE FROM impersonations WHERE expires_at < now() - interval '30 days'`,
  oauthStates: 'DELETE FROM oauth_states WHERE expires_at < now()',
  devices: `DELETE FROM devices
    WHERE last_seen_at < now() - interval '90 days'
      AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.device_id = devices.id)`,
  mfaChallenges: 'DELETE FROM mfa_challenges WHERE expires_at < now()',
  passkeyChallenges: 'DELETE FROM passkey_challenges WHERE expires_at < now()',
  loginCodes: 'DELETE FROM login_codes WHERE expires_at < now()',
  enrollments: 'DELETE FROM two_factor_auth WHERE confirmed_at IS NULL AND pending_expires_at < now()',
  oneTimeTokens: 'DELETE FROM one_time_tokens WHERE expires_at < now()',
  passwordResets: `DELETE FROM password_resets WHERE expires_at < now() - interval '30 days'`,
  emailChanges: `DELETE FROM email_changes WHERE expires_at < now() - interval '30 days'`,
  loginAttempts: `DELETE FROM login_attempts WHERE attempted_at < now() - interval '90 days'`,
  rateLimits: `DELETE FROM rate_limits WHERE since < now() - interval '${LONGEST_WINDOW_SECONDS} seconds'`,
} as const;

/** Works every hour, beside everything else: nothing waits for it, and none of it lets anybody in while it lies here. */
export function registerUpkeep(
  jobs: JobWorker,
  { database, logger }: { readonly database: DataSource; readonly logger: Logger },
): void {
  jobs.handle(upkeep, async () => {
    const failures: unknown[] = [];
    for (const [what, statement] of Object.entries(DELETIONS)) {
      try {
        const [, deleted] = await database.query<[unknown, number]>(statement);
        if (deleted > 0) logger.info({ what, deleted }, 'deleted what is over');
      } catch (error) {
        // The others do not depend on it.
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'what is over is not all deleted');
  });
  jobs.schedule({ name: 'upkeep', cron: '11 * * * *', atFirst: true, job: upkeep.of({}) });
}

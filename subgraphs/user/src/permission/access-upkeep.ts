import { enqueue } from '@orion/platform/jobs';
import type { JobWorker } from '@orion/platform/jobs';
import { auditOf } from '@orion/platform/audit';
import { publish } from '@orion/platform/events';
import type { DataSource, EntityManager } from 'typeorm';
import { lockAccessOfUser } from './access-lock.js';
import { announce, announceOwed } from './announcement.js';
import { accessUpkeepJob, announceOwedJob, endGrantsJob } from './announcement.job.js';

/** Users whose grants have ended long ago that one run of the upkeep takes care of. */
const MISSED_AT_ONCE = 500;

const SYSTEM = { userId: null, ip: null, userAgent: null };

/** Registers the jobs that announce what changed for many, and that end what was given for a time, with their upkeep. */
export function registerAccessUpkeep(jobs: JobWorker): void {
  jobs.handleInTransaction(announceOwedJob, async (_job, manager) => {
    await lockAccessOfUser(manager);
    if (await announceOwed(manager)) await enqueue(manager, [announceOwedJob.of({}, { key: 'owed' })]);
  });
  jobs.handleInTransaction(endGrantsJob, ({ data }, manager) => endGrants(manager, data.userId));
  jobs.handleInTransaction(accessUpkeepJob, (_job, manager) => enqueueMissed(manager));
  jobs.schedule({ name: 'access.upkeep', cron: '*/5 * * * *', job: accessUpkeepJob.of({}) });
}

async function enqueueMissed(manager: EntityManager): Promise<void> {
  const users: { readonly userId: string }[] = await manager.query(
    `SELECT user_id AS "userId" FROM user_roles WHERE expires_at <= now() - interval '1 minute'
      UNION SELECT user_id FROM user_permissions WHERE expires_at <= now() - interval '1 minute'
      LIMIT ${MISSED_AT_ONCE}`,
  );
  await enqueue(manager, [
    announceOwedJob.of({}, { key: 'owed' }),
    ...users.map(({ userId }) => endGrantsJob.of({ userId }, { key: userId })),
  ]);
}

/** Announces all that is owed, for instance because a migration changed a role. */
export async function settleOwed(database: DataSource): Promise<void> {
  for (;;) {
    const more = await database.transaction(async (manager) => {
      await lockAccessOfUser(manager);
      return announceOwed(manager);
    });
    if (!more) return;
  }
}

/** Has it looked at when something ends that was given to a user, or denied. Nothing when it does not end. */
export async function endLater(manager: EntityManager, userId: string, expiresAt: Date | null): Promise<void> {
  if (expiresAt === null) return;
  const key = `${userId} ${expiresAt.toISOString()}`;
  await enqueue(manager, [endGrantsJob.of({ userId }, { key, runAt: expiresAt })]);
}

async function endGrants(manager: EntityManager, userId: string): Promise<void> {
  await lockAccessOfUser(manager);
  const roles: { readonly role: string }[] = await rowsOf(
    manager,
    `DELETE FROM user_roles USING roles
      WHERE roles.id = role_id AND user_id = $1 AND expires_at <= clock_timestamp() RETURNING roles.name AS role`,
    userId,
  );
  const permissions: { readonly permission: string; readonly effect: string }[] = await rowsOf(
    manager,
    `DELETE FROM user_permissions WHERE user_id = $1 AND expires_at <= clock_timestamp() RETURNING permission, effect`,
    userId,
  );
  // It was taken away before, or given for longer.
  if (roles.length + permissions.length === 0) return;
  await announce(manager, [{ userId, what: 'permissions changed' }]);
  await publish(manager, [
    auditOf(SYSTEM, {
      service: 'user',
      action: 'access.ended',
      targets: [{ type: 'user', id: userId }],
      details: { roles: roles.map(({ role }) => role), permissions },
    }),
  ]);
}

async function rowsOf<Row>(manager: EntityManager, statement: string, userId: string): Promise<Row[]> {
  // TypeORM answers a DELETE with its rows and their number.
  const [rows]: [Row[], number] = await manager.query(statement, [userId]);
  return rows;
}

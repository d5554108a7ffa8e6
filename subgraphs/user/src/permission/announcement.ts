import { permissionsChanged, roleAssigned, roleRevoked } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import type { PendingEvent } from '@orion/platform/events';
import type { AccessGrants } from '@orion/platform/access';
import { enqueue } from '@orion/platform/jobs';
import type { EntityManager } from 'typeorm';
import { grantsOf, readAccessSources } from './access-sources.js';
import { announceOwedJob } from './announcement.job.js';

/** Why what a user may do is announced. */
export type AccessNews =
  | { readonly userId: string; readonly what: 'role assigned' | 'role revoked'; readonly role: string }
  | { readonly userId: string; readonly what: 'permissions changed' };

/** Of one event, and so of one transaction of the job. */
const USERS_AT_ONCE = 200;

/**
 * Announces all that users may do, in the transaction that changed it. The rows of the versions are locked until the
 * commit, and the permissions are read after that: of two changes at once, the one with the higher version has seen
 * the other. Each user at most once.
 */
export async function announce(manager: EntityManager, news: readonly AccessNews[]): Promise<void> {
  if (news.length === 0) return;
  const userIds = news.map(({ userId }) => userId);
  const rows: { readonly userId: string; readonly version: number }[] = await manager.query(
    `INSERT INTO permission_versions AS current (user_id, version)
     SELECT id, 1 FROM unnest($1::uuid[]) AS person (id) ORDER BY id
     ON CONFLICT (user_id) DO UPDATE SET version = current.version + 1, is_announced = true
     RETURNING user_id AS "userId", version`,
    [userIds],
  );
  const versions = new Map(rows.map(({ userId, version }) => [userId, version]));
  const sources = await readAccessSources(manager, userIds);
  const levels = await readLevels(manager, userIds);
  const events = news.flatMap((one, index): PendingEvent[] => {
    const version = versions.get(one.userId);
    const source = sources[index];
    if (version === undefined || source === undefined) throw new Error(`no permission version for ${one.userId}`);
    return [eventOf(one, grantsOf(source, version), levels.get(one.userId) ?? 0)];
  });
  await publish(manager, events);
}

async function readLevels(manager: EntityManager, userIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows: { readonly userId: string; readonly level: number }[] = await manager.query(
    `SELECT user_id AS "userId", greatest(max(level), 0) AS level FROM user_roles JOIN roles ON roles.id = role_id
      WHERE user_id = ANY($1::uuid[]) AND (expires_at IS NULL OR expires_at > clock_timestamp()) GROUP BY user_id`,
    [userIds],
  );
  return new Map(rows.map(({ userId, level }) => [userId, level]));
}

function eventOf(
  news: AccessNews,
  { permissions, expiries, rules, version }: AccessGrants,
  level: number,
): PendingEvent {
  const access = {
    userId: news.userId,
    permissions: [...permissions],
    version,
    level,
    // Left out when there are none, so that the event is as it was before there were any.
    ...(Object.keys(expiries).length === 0 ? {} : { expiries: { ...expiries } }),
    ...(rules.length === 0 ? {} : { rules: rules.map((rule) => ({ ...rule, condition: { ...rule.condition } })) }),
  };
  if (news.what === 'permissions changed') return permissionsChanged.of(access);
  return (news.what === 'role assigned' ? roleAssigned : roleRevoked).of({ ...access, role: news.role });
}

/** Owes an announcement to everybody who has one of the roles or one that inherits from it; a job makes up for it. */
export async function owePeopleOfRoles(manager: EntityManager, roleIds: readonly string[]): Promise<void> {
  await owe(
    manager,
    `SELECT DISTINCT given.user_id FROM user_roles given JOIN role_closure ON descendant_id = given.role_id
      WHERE ancestor_id = ANY($1::uuid[])`,
    [roleIds],
  );
}

/** Owes an announcement to everybody; a job makes up for it. */
export async function oweEverybody(manager: EntityManager): Promise<void> {
  await owe(manager, 'SELECT id FROM users WHERE deleted_at IS NULL', []);
}

async function owe(manager: EntityManager, whom: string, parameters: readonly unknown[]): Promise<void> {
  await manager.query(
    `INSERT INTO permission_versions (user_id, version, is_announced)
     SELECT person.id, 0, false FROM (${whom}) AS person (id) ORDER BY person.id
     ON CONFLICT (user_id) DO UPDATE SET is_announced = false`,
    [...parameters],
  );
  await enqueue(manager, [announceOwedJob.of({}, { key: 'owed' })]);
}

/** Makes up for some of the announcements that are owed. True when there are more of them. */
export async function announceOwed(manager: EntityManager): Promise<boolean> {
  const owed: { readonly userId: string }[] = await manager.query(
    `SELECT user_id AS "userId" FROM permission_versions WHERE NOT is_announced
      ORDER BY user_id LIMIT ${USERS_AT_ONCE} FOR UPDATE`,
  );
  await announce(
    manager,
    owed.map(({ userId }) => ({ userId, what: 'permissions changed' })),
  );
  return owed.length === USERS_AT_ONCE;
}

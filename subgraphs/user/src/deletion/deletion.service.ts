import { auditOf } from '@orion/platform/audit';
import type { AuditActor } from '@orion/platform/audit';
import { userDeleted, userDeletionRequested } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { enqueue } from '@orion/platform/jobs';
import type { BatchLoad } from '@orion/platform/loading';
import type { DataSource, EntityManager } from 'typeorm';
import { ActivityKind } from '../activity/activity.entity.js';
import { recordActivity } from '../activity/record-activity.js';
import type { ApiKeyService } from '../api-key/api-key.service.js';
import { lockAccessOfUser } from '../permission/access-lock.js';
import { refusalOfLosing } from '../role/last-administrator.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { deleteAccount } from './delete-account.job.js';

const SYSTEM: AuditActor = { userId: null, ip: null, userAgent: null };
const DELETED_NAME = 'Deleted user';

/** Tables of this service with rows of a person, besides `users` itself, that go with them; by column. */
const PERSONAL_TABLES = {
  account_deletions: 'user_id',
  activity: 'user_id',
  api_keys: 'user_id',
  avatars: 'user_id',
  data_exports: 'user_id',
  user_permissions: 'user_id',
  user_preferences: 'user_id',
  user_roles: 'user_id',
} as const;

/** When somebody is deleted, or why not. */
export interface DeletionRequest {
  readonly dueAt: Date | null;
  readonly userErrors: UserError[];
}

/** Deletes people: those who want it after some days in which they may change their minds. */
export class DeletionService {
  constructor(
    private readonly database: DataSource,
    private readonly apiKeys: Pick<ApiKeyService, 'revokeAll'>,
    private readonly graceDays: number,
  ) {}

  /** When people are to be deleted; null for who is not. */
  readonly dueOfUsers: BatchLoad<string, Date | null> = async (userIds) => {
    const rows: { readonly userId: string; readonly dueAt: Date }[] = await this.database.query(
      'SELECT user_id AS "userId", due_at AS "dueAt" FROM account_deletions WHERE user_id = ANY($1::uuid[])',
      [userIds],
    );
    const byUser = new Map(rows.map(({ userId, dueAt }) => [userId, dueAt]));
    return userIds.map((id) => byUser.get(id) ?? null);
  };

  /** To ask once more changes nothing. */
  request(userId: string, actor: AuditActor): Promise<DeletionRequest> {
    return this.database.transaction(async (manager) => {
      await lockAccessOfUser(manager);
      if ((await refusalOfLosing(manager, userId)) !== null)
        return { dueAt: null, userErrors: [userError('LAST_ADMIN')] };
      const rows: { readonly dueAt: Date }[] = await manager.query(
        `INSERT INTO account_deletions (user_id, due_at) VALUES ($1, now() + make_interval(days => $2))
         ON CONFLICT DO NOTHING RETURNING due_at AS "dueAt"`,
        [userId, this.graceDays],
      );
      const [fresh] = rows;
      if (fresh === undefined) return { dueAt: await dueAtOf(manager, userId), userErrors: [] };
      const details = { dueAt: fresh.dueAt.toISOString() };
      await this.note(manager, { userId, actor, kind: ActivityKind.DELETION_REQUESTED, details });
      await publish(manager, [recordOf(actor, userId, 'account.deletion_requested', { details })]);
      if (this.graceDays === 0) await this.deletePerson(manager, userId, { actor, reason: null });
      else {
        // Of an earlier request that was cancelled a job may still wait, for another time.
        const job = deleteAccount.of({ userId }, { key: userId, runAt: fresh.dueAt, onDuplicate: 'replace' });
        await enqueue(manager, [job]);
        await publish(manager, [userDeletionRequested.of({ userId, ...details })]);
      }
      return { dueAt: fresh.dueAt, userErrors: [] };
    });
  }

  /** False when there is nothing to cancel. */
  cancel(userId: string, actor: AuditActor): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const [, cancelled]: [unknown, number] = await manager.query('DELETE FROM account_deletions WHERE user_id = $1', [
        userId,
      ]);
      if (cancelled === 0) return false;
      await this.note(manager, { userId, actor, kind: ActivityKind.DELETION_CANCELLED });
      await publish(manager, [recordOf(actor, userId, 'account.deletion_cancelled')]);
      return true;
    });
  }

  /** Deletes somebody who asked for it and whose time has come; nobody else. */
  async deleteDue(manager: EntityManager, userId: string): Promise<void> {
    await lockAccessOfUser(manager);
    const [, due]: [unknown, number] = await manager.query(
      'DELETE FROM account_deletions WHERE user_id = $1 AND due_at <= now()',
      [userId],
    );
    if (due === 0) return;
    if ((await refusalOfLosing(manager, userId)) === null)
      return this.deletePerson(manager, userId, { actor: SYSTEM, reason: null });
    // They have become the last one since they asked. Somebody has to look after the platform.
    const outcome = 'failure' as const;
    await publish(manager, [recordOf(SYSTEM, userId, 'user.deleted', { outcome, details: { cause: 'LAST_ADMIN' } })]);
  }

  /**
   * Leaves an id that belongs to nobody, for what refers to it, and tells everybody to do the same. Nothing when it is
   * so already. Before it, somebody has made sure that it is not the last administrator.
   */
  async deletePerson(
    manager: EntityManager,
    userId: string,
    { actor, reason }: { readonly actor: AuditActor; readonly reason: string | null },
  ): Promise<void> {
    const [, deleted]: [unknown, number] = await manager.query(
      `UPDATE users SET display_name = $2, username = NULL, email = NULL, bio = NULL, locale = NULL, timezone = NULL,
              sort_name = '', search_words = '{}', provisional = false, last_seen_at = NULL, status = 'DELETED',
              profile_version = profile_version + 1, updated_at = now(), deleted_at = now()
        WHERE id = $1 AND deleted_at IS NULL`,
      [userId, DELETED_NAME],
    );
    if (deleted === 0) return;
    await this.apiKeys.revokeAll(manager, userId, 'user_deleted', actor);
    for (const [table, column] of Object.entries(PERSONAL_TABLES))
      await manager.query(`DELETE FROM ${table} WHERE ${column} = $1`, [userId]);
    await publish(manager, [userDeleted.of({ userId }), recordOf(actor, userId, 'user.deleted', { reason })]);
  }

  private note(
    manager: EntityManager,
    {
      actor: { ip, userAgent },
      ...activity
    }: {
      readonly userId: string;
      readonly actor: AuditActor;
      readonly kind: ActivityKind;
      readonly details?: Readonly<Record<string, unknown>>;
    },
  ): Promise<void> {
    return recordActivity(manager, { ...activity, ip, userAgent });
  }
}

async function dueAtOf(manager: EntityManager, userId: string): Promise<Date | null> {
  const [row]: { readonly dueAt: Date }[] = await manager.query(
    'SELECT due_at AS "dueAt" FROM account_deletions WHERE user_id = $1',
    [userId],
  );
  return row?.dueAt ?? null;
}

function recordOf(
  actor: AuditActor,
  userId: string,
  action: string,
  more: {
    readonly outcome?: 'failure';
    readonly reason?: string | null;
    readonly details?: Readonly<Record<string, unknown>>;
  } = {},
) {
  return auditOf(actor, { service: 'user', action, targets: [{ type: 'user', id: userId }], ...more });
}

import type { BatchLoad } from '@orion/platform/loading';
import type { DataSource, EntityManager } from 'typeorm';
import { ADMINISTRATION, refusalOfLosing } from '../role/last-administrator.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { endLater } from './access-upkeep.js';
import { announce } from './announcement.js';
import { reachesUser } from './authority.js';
import type { Authority, Granter } from './authority.js';
import { changeAccess } from './change-access.js';
import type { AccessAnswer } from './change-access.js';
import { isFuture, refusalOfPermission } from './grantable.js';
import { AccessEffect } from './permission-grant.types.js';
import type { DirectPermission } from './permission-grant.types.js';

const WRITE = 'permission:write:any';
const LONGEST_REASON = 500;

/** A permission of a user who exists. */
export interface UserPermission {
  readonly userId: string;
  readonly permission: string;
  readonly effect: AccessEffect;
}

/** Gives and denies permissions to single users, beside their roles. Announced in the same transaction. */
export class PermissionGrantService {
  constructor(private readonly database: DataSource) {}

  /** The direct grants and denials of many users, in order of the keys. */
  readonly ofUsers: BatchLoad<string, readonly DirectPermission[]> = async (userIds) => {
    const rows: (DirectPermission & { readonly userId: string })[] = await this.database.query(
      `SELECT user_id AS "userId", permission, effect, expires_at AS "expiresAt", granted_at AS "grantedAt", reason,
              granted_by AS "grantedById"
         FROM user_permissions
        WHERE user_id = ANY($1::uuid[]) AND (expires_at IS NULL OR expires_at > clock_timestamp())
        ORDER BY permission, effect`,
      [userIds],
    );
    return userIds.map((id) => rows.filter(({ userId }) => userId === id));
  };

  /** Throws FORBIDDEN when the granter has lost the permission since the token was issued. */
  grant(
    wanted: UserPermission & { readonly expiresAt: Date | null; readonly reason: string | null },
    granter: Granter,
  ): Promise<AccessAnswer<true>> {
    const { userId, permission, effect, expiresAt, reason } = wanted;
    const request = {
      granter,
      permission: WRITE,
      action: effect === AccessEffect.ALLOW ? 'permission.granted' : 'permission.denied',
      target: { type: 'user', id: userId },
      reason,
      details: { permission, expiresAt: expiresAt?.toISOString() ?? null },
    };
    return changeAccess(this.database, request, async (manager, authority) => {
      const fault = (await this.#refusal(manager, wanted, authority)) ?? faultOfTerms({ expiresAt, reason });
      if (fault !== null) return { fault };
      if (effect === AccessEffect.DENY && ADMINISTRATION.includes(permission)) {
        const refusal = await refusalOfLosing(manager, userId);
        if (refusal !== null) return { fault: userError(refusal, ['input', 'userId']) };
      }
      const rows: unknown[] = await manager.query(
        `INSERT INTO user_permissions AS given (user_id, permission, effect, expires_at, reason, granted_by)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (user_id, permission, effect) DO UPDATE
           SET expires_at = excluded.expires_at, reason = excluded.reason, granted_by = excluded.granted_by,
               granted_at = now()
         WHERE (given.expires_at, given.reason) IS DISTINCT FROM (excluded.expires_at, excluded.reason)
         RETURNING user_id`,
        [userId, permission, effect, expiresAt, reason, granter.userId],
      );
      if (rows.length === 0) return { value: true, isChange: false };
      await endLater(manager, userId, expiresAt);
      await announce(manager, [{ userId, what: 'permissions changed' }]);
      return { value: true, isChange: true };
    });
  }

  /** Throws FORBIDDEN when the granter has lost the permission since the token was issued. */
  revoke(wanted: UserPermission, granter: Granter): Promise<AccessAnswer<true>> {
    const { userId, permission, effect } = wanted;
    const action = effect === AccessEffect.ALLOW ? 'permission.revoked' : 'permission.denial_revoked';
    const target = { type: 'user', id: userId };
    const request = { granter, permission: WRITE, action, target, details: { permission } };
    return changeAccess(this.database, request, async (manager, authority) => {
      const fault = await this.#refusal(manager, wanted, authority, { gives: effect === AccessEffect.DENY });
      if (fault !== null) return { fault };
      const [taken]: [unknown[], number] = await manager.query(
        'DELETE FROM user_permissions WHERE user_id = $1 AND permission = $2 AND effect = $3 RETURNING user_id',
        [userId, permission, effect],
      );
      if (taken.length > 0) await announce(manager, [{ userId, what: 'permissions changed' }]);
      return { value: true, isChange: taken.length > 0 };
    });
  }

  async #refusal(
    manager: EntityManager,
    { userId, permission, effect }: UserPermission,
    authority: Authority,
    { gives = effect === AccessEffect.ALLOW }: { readonly gives?: boolean } = {},
  ): Promise<UserError | null> {
    if (userId === authority.userId) return userError('OWN_ACCESS', ['input', 'userId']);
    const refusal = await refusalOfPermission(manager, permission);
    if (refusal !== null) return userError(refusal, ['input', 'permission']);
    if (!(await reachesUser(manager, authority, userId))) return userError('USER_LEVEL_TOO_HIGH', ['input', 'userId']);
    return gives && !authority.held.has(permission) ? userError('PERMISSION_NOT_HELD', ['input', 'permission']) : null;
  }
}

function faultOfTerms({
  expiresAt,
  reason,
}: {
  readonly expiresAt: Date | null;
  readonly reason: string | null;
}): UserError | null {
  if (!isFuture(expiresAt)) return userError('EXPIRY_INVALID', ['input', 'expiresAt']);
  return reason !== null && [...reason].length > LONGEST_REASON
    ? userError('REASON_INVALID', ['input', 'reason'])
    : null;
}

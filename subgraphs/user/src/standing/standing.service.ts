import { auditOf } from '@orion/platform/audit';
import { userReactivated, userSuspended } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { isUuid } from '@orion/platform/ids';
import { IsNull } from 'typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import type { DeletionService } from '../deletion/deletion.service.js';
import { lockAccessOfUser } from '../permission/access-lock.js';
import { authorise, reachesUser } from '../permission/authority.js';
import type { Granter } from '../permission/authority.js';
import { UserStatus } from '../profile/user-status.js';
import { User } from '../profile/user.entity.js';
import { refusalOfLosing } from '../role/last-administrator.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';

const LONGEST_REASON = 500;

/** What an administrator does to somebody. */
export interface StandingChange {
  readonly userId: string;
  readonly reason: string | null;
  readonly granter: Granter;
}

/** The person after it, or why nothing changed. */
export interface StandingResult {
  readonly user: User | null;
  readonly userErrors: UserError[];
}

/** Suspends, reactivates and deletes people, by order of somebody who stands above them. */
export class StandingService {
  constructor(
    private readonly database: DataSource,
    private readonly deletions: DeletionService,
  ) {}

  /** To suspend somebody who is suspended changes nothing. Throws FORBIDDEN when the permission was lost meanwhile. */
  suspend(change: StandingChange): Promise<StandingResult> {
    return this.change(change, { permission: 'user:suspend:any', isLoss: true }, async (manager, user) => {
      if (user.status === UserStatus.SUSPENDED) return user;
      await publish(manager, [userSuspended.of({ userId: user.id }), recordOf(change, 'user.suspended')]);
      return setStatus(manager, user, UserStatus.SUSPENDED);
    });
  }

  /** To reactivate somebody who is active changes nothing. Throws FORBIDDEN when the permission was lost meanwhile. */
  reactivate(change: StandingChange): Promise<StandingResult> {
    return this.change(change, { permission: 'user:suspend:any', isLoss: false }, async (manager, user) => {
      if (user.status === UserStatus.ACTIVE) return user;
      await publish(manager, [userReactivated.of({ userId: user.id }), recordOf(change, 'user.reactivated')]);
      return setStatus(manager, user, UserStatus.ACTIVE);
    });
  }

  /** At once and for ever. Throws FORBIDDEN when the permission was lost meanwhile. */
  delete(change: StandingChange): Promise<StandingResult> {
    return this.change(change, { permission: 'user:delete:any', isLoss: true }, async (manager, user) => {
      await this.deletions.deletePerson(manager, user.id, { actor: change.granter.actor, reason: change.reason });
      return user;
    });
  }

  private change(
    { userId, reason, granter }: StandingChange,
    { permission, isLoss }: { readonly permission: string; readonly isLoss: boolean },
    apply: (manager: EntityManager, user: User) => Promise<User>,
  ): Promise<StandingResult> {
    if (reason !== null && [...reason].length > LONGEST_REASON) return refused('REASON_INVALID', 'reason');
    if (!isUuid(userId)) return refused('USER_NOT_FOUND', 'userId');
    return this.database.transaction(async (manager) => {
      await lockAccessOfUser(manager);
      const authority = await authorise(manager, granter, permission);
      if (userId === granter.userId || !(await reachesUser(manager, authority, userId)))
        return refused('USER_NOT_BELOW_YOU', 'userId');
      // Before the person, in the same order as when somebody wants to go by themselves.
      if (isLoss && (await refusalOfLosing(manager, userId)) !== null) return refused('LAST_ADMIN', 'userId');
      const user = await manager.findOne(User, {
        where: { id: userId, deletedAt: IsNull() },
        lock: { mode: 'pessimistic_write' },
      });
      if (user === null) return refused('USER_NOT_FOUND', 'userId');
      return { user: await apply(manager, user), userErrors: [] };
    });
  }
}

async function setStatus(manager: EntityManager, user: User, status: UserStatus): Promise<User> {
  await manager.update(User, user.id, { status, updatedAt: new Date() });
  return { ...user, status };
}

function recordOf({ userId, reason, granter }: StandingChange, action: string) {
  return auditOf(granter.actor, { service: 'user', action, targets: [{ type: 'user', id: userId }], reason });
}

function refused(
  code: 'REASON_INVALID' | 'USER_NOT_FOUND' | 'USER_NOT_BELOW_YOU' | 'LAST_ADMIN',
  field: string,
): Promise<StandingResult> {
  return Promise.resolve({ user: null, userErrors: [userError(code, ['input', field])] });
}

import { auditOf } from '@orion/platform/audit';
import type { AuditActor } from '@orion/platform/audit';
import { userUpdated } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { isUuid } from '@orion/platform/ids';
import { IsNull, QueryFailedError } from 'typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { recordActivity } from '../activity/record-activity.js';
import { ActivityKind } from '../activity/activity.entity.js';
import { authorise, reachesUser } from '../permission/authority.js';
import type { Granter } from '../permission/authority.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { readChanges } from './profile-fields.js';
import type { ProfileFields } from './profile-fields.js';
import type { ProfileService } from './profile.service.js';
import type { UpdateProfileInput } from './profile.types.js';
import { foldText, searchWords } from './search-words.js';
import { User } from './user.entity.js';

const DEFAULT_LOCALE = 'en';
const USERNAME_INDEX = 'users_username_unique';
const UNIQUE_VIOLATION = '23505';
const LONGEST_REASON = 500;

/** The profile after a change, or what to correct; then nothing has changed. */
export interface ProfileChange {
  readonly user: User | null;
  readonly faults: UserError[];
}

interface Change {
  readonly userId: string;
  readonly input: UpdateProfileInput;
  readonly actor: AuditActor;
  readonly action: string;
  readonly reason: string | null;
  /** Throws, or returns why not. */
  readonly check?: (manager: EntityManager) => Promise<UserError | null>;
}

/** Changes profiles: each change with its event, its audit record and its line in the activity of the person. */
export class ProfileChangeService {
  constructor(
    private readonly database: DataSource,
    private readonly profiles: ProfileService,
  ) {}

  /** Changes the actor's own profile. */
  updateOwn(userId: string, input: UpdateProfileInput, actor: AuditActor): Promise<ProfileChange> {
    return this.change({ userId, input, actor, action: 'profile.updated', reason: null });
  }

  /** Changes that of somebody who stands below the actor. Throws FORBIDDEN when the permission was lost meanwhile. */
  updateOther(
    userId: string,
    input: UpdateProfileInput,
    { granter, reason }: { readonly granter: Granter; readonly reason: string | null },
  ): Promise<ProfileChange> {
    if (reason !== null && [...reason].length > LONGEST_REASON)
      return Promise.resolve({ user: null, faults: [userError('REASON_INVALID', ['input', 'reason'])] });
    if (!isUuid(userId))
      return Promise.resolve({ user: null, faults: [userError('USER_NOT_FOUND', ['input', 'userId'])] });
    const check = async (manager: EntityManager): Promise<UserError | null> => {
      const authority = await authorise(manager, granter, 'user:write:any');
      return (await reachesUser(manager, authority, userId))
        ? null
        : userError('USER_NOT_BELOW_YOU', ['input', 'userId']);
    };
    const { actor } = granter;
    return this.change({ userId, input, actor, action: 'profile.updated_by_administrator', reason, check });
  }

  private async change(change: Change): Promise<ProfileChange> {
    const { userId, input, check } = change;
    const { changes, faults } = readChanges(input);
    if (faults.length > 0) return { user: null, faults };
    try {
      return await this.database.transaction(async (manager) => {
        const refusal = (await check?.(manager)) ?? null;
        if (refusal !== null) return { user: null, faults: [refusal] };
        if (check === undefined) await this.profiles.createProvisional(manager, userId);
        const user = await manager.findOne(User, {
          where: { id: userId, deletedAt: IsNull() },
          lock: { mode: 'pessimistic_write' },
        });
        if (user === null)
          return { user: null, faults: [userError('USER_NOT_FOUND', check === undefined ? [] : ['input', 'userId'])] };
        if (typeof input.profileVersion === 'number' && input.profileVersion !== user.profileVersion) {
          return { user: null, faults: [userError('PROFILE_CHANGED', ['input', 'profileVersion'])] };
        }
        return { user: await applyChanges(manager, user, { ...change, changes }), faults: [] };
      });
    } catch (error) {
      // Only the index knows: between a look and the write somebody else may take the name.
      if (isUsernameTaken(error)) return { user: null, faults: [userError('USERNAME_TAKEN', ['input', 'username'])] };
      throw error;
    }
  }
}

async function applyChanges(
  manager: EntityManager,
  user: User,
  { changes, actor, action, reason }: Change & { readonly changes: Partial<ProfileFields> },
): Promise<User> {
  const fields = (Object.keys(changes) as (keyof ProfileFields)[]).filter((field) => user[field] !== changes[field]);
  if (fields.length === 0) return user;
  const names = { displayName: user.displayName, username: user.username, ...changes };
  const columns = {
    ...changes,
    sortName: foldText(names.displayName),
    searchWords: searchWords(names.displayName, names.username),
    profileVersion: user.profileVersion + 1,
    updatedAt: new Date(),
  };
  await manager.update(User, user.id, columns);
  const changed = { ...user, ...columns };
  await recordActivity(manager, {
    userId: user.id,
    kind: ActivityKind.PROFILE_UPDATED,
    ...(actor.userId === user.id ? { ip: actor.ip, userAgent: actor.userAgent } : {}),
    details: { fields },
  });
  await publish(manager, [
    userUpdated.of({ userId: user.id, displayName: changed.displayName, locale: changed.locale ?? DEFAULT_LOCALE }),
    auditOf(actor, {
      service: 'user',
      action,
      targets: [{ type: 'user', id: user.id }],
      reason,
      details: { fields },
    }),
  ]);
  return changed;
}

function isUsernameTaken(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  const { code, constraint } = error.driverError as { readonly code?: string; readonly constraint?: string };
  return code === UNIQUE_VIOLATION && constraint === USERNAME_INDEX;
}

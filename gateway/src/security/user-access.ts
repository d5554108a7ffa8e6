import type { AccessGrants } from '@orion/platform/access';
import { z } from 'zod';
import { grantsSchema } from './grants-claims.js';
import type { AnnouncementReader } from './follow-announcements.js';
import { createMemory } from './memory.js';

/** What was announced about users since their access tokens were issued. */
export interface UserAccess {
  /** The account was suspended or deleted: none of its tokens and keys is good. */
  isBarred(userId: string): boolean;
  bar(userId: string): void;
  unbar(userId: string): void;
  /** The newest grants that are known; undefined when none were announced for a while. */
  latest(userId: string): AccessGrants | undefined;
  /** Ignored when those that are known are as new. */
  change(userId: string, grants: AccessGrants): void;
  /** Calls back at once for each announcement about this user from now on. Returns how to stop. */
  onChanged(userId: string, listener: () => void): () => void;
  /** The same for every user. */
  onAnyChanged(listener: (userId: string) => void): () => void;
}

export function createUserAccess(): UserAccess {
  const barred = createMemory<true>();
  const grants = createMemory<AccessGrants>();
  const listeners = new Map<string, Set<() => void>>();
  const general = new Set<(userId: string) => void>();
  const announce = (userId: string): void => {
    for (const listener of general) listener(userId);
    for (const listener of [...(listeners.get(userId) ?? [])]) listener();
  };
  return {
    isBarred: (userId) => barred.get(userId) ?? false,
    bar: (userId) => {
      barred.set(userId, true);
      announce(userId);
    },
    unbar: (userId) => {
      barred.delete(userId);
      announce(userId);
    },
    latest: (userId) => grants.get(userId),
    change: (userId, changed) => {
      const known = grants.get(userId);
      if (known !== undefined && known.version >= changed.version) return;
      grants.set(userId, changed);
      announce(userId);
    },
    onChanged: (userId, listener) => {
      const ofUser = listeners.get(userId) ?? new Set();
      listeners.set(userId, ofUser);
      ofUser.add(listener);
      return () => {
        ofUser.delete(listener);
        if (ofUser.size === 0 && listeners.get(userId) === ofUser) listeners.delete(userId);
      };
    },
    onAnyChanged: (listener) => {
      general.add(listener);
      return () => general.delete(listener);
    },
  };
}

const userSchema = z.object({ userId: z.string().min(1) });
const changeSchema = userSchema.extend({ version: z.number().int() }).and(grantsSchema);

/** Takes changed permissions, suspensions and deletions from the bus into the memory. */
export function readUserAccess(users: UserAccess): AnnouncementReader {
  const onUser = (then: (userId: string) => void) => (data: unknown) => {
    const parsed = userSchema.safeParse(data);
    if (parsed.success) then(parsed.data.userId);
    return parsed.success;
  };
  const onChange = (data: unknown): boolean => {
    const parsed = changeSchema.safeParse(data);
    if (parsed.success) {
      const { userId, permissions, version, expiries, rules } = parsed.data;
      users.change(userId, { permissions, version, expiries, rules });
    }
    return parsed.success;
  };
  const takers = new Map<string, (data: unknown) => boolean>([
    ['dev.orion.role.assigned.v1', onChange],
    ['dev.orion.role.revoked.v1', onChange],
    ['dev.orion.permissions.changed.v1', onChange],
    ['dev.orion.user.suspended.v1', onUser((userId) => users.bar(userId))],
    ['dev.orion.user.deleted.v1', onUser((userId) => users.bar(userId))],
    ['dev.orion.user.reactivated.v1', onUser((userId) => users.unbar(userId))],
  ]);
  return { topics: ['orion.user'], take: ({ type, data }) => takers.get(type)?.(data) ?? true };
}

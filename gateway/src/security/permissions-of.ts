import { permissionsNow } from '@orion/platform/access';
import type { AccessGrants } from '@orion/platform/access';
import type { Caller } from './caller.js';
import type { UserAccess } from './user-access.js';

/**
 * The caller with the permissions of this moment: by what its token says or, when permissions were changed since, by
 * what was announced, under the circumstances of the request. For every request anew, on an open socket as well.
 */
export function withPermissionsNow(caller: Caller, users: UserAccess): Caller {
  const { viewer } = caller.origin;
  if (viewer === null || caller.grants === null) return caller;
  const permissions = permissionsOf(caller, users);
  return isSame(permissions, viewer.permissions)
    ? caller
    : { ...caller, origin: { ...caller.origin, viewer: { ...viewer, permissions } } };
}

/** Whether something that the caller was allowed is not allowed any more. */
export function hasLostPermission(caller: Caller, users: UserAccess): boolean {
  const { viewer } = caller.origin;
  if (viewer === null || grantsOf(caller, users).length === 0) return false;
  const held = permissionsOf(caller, users);
  // A key may have what its owner may do as the owner of something, without a permission: only the subgraph knows.
  const isOwn = (permission: string): boolean => viewer.kind === 'api-key' && permission.endsWith(':own');
  return viewer.permissions.some((permission) => !held.includes(permission) && !isOwn(permission));
}

/** All that decides: the caller holds what each of them gives. Empty when nothing that is known here decides. */
export function grantsOf({ origin, grants }: Caller, users: UserAccess): readonly AccessGrants[] {
  const { viewer } = origin;
  if (viewer === null) return [];
  const latest = users.latest(viewer.userId);
  if (viewer.kind === 'api-key') return latest === undefined ? [] : [latest];
  if (grants === null) return [];
  if (viewer.impersonatorId !== null) {
    // The token holds what both of them may, and neither may get more for it by what is announced of one.
    return [grants, latest, users.latest(viewer.impersonatorId)].filter((some) => some !== undefined);
  }
  return [latest !== undefined && latest.version > grants.version ? latest : grants];
}

function permissionsOf(caller: Caller, users: UserAccess): readonly string[] {
  const [first = [], ...others] = grantsOf(caller, users).map((grants) => permissionsUnder(grants, caller));
  return others.reduce((held, other) => held.filter((permission) => other.includes(permission)), first);
}

function permissionsUnder(grants: AccessGrants, { origin }: Caller): readonly string[] {
  const { viewer, clientIp, userAgent } = origin;
  return permissionsNow(grants, {
    now: new Date(),
    ip: clientIp,
    userAgent,
    methods: viewer?.methods ?? [],
    authenticatedAt: viewer?.authenticatedAt ?? 0,
  });
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return (
    one === other || (one.length === other.length && one.every((permission, index) => permission === other[index]))
  );
}

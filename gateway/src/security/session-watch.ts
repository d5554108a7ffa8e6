import type { AccessGrants } from '@orion/platform/access';
import type { Caller } from './caller.js';
import { grantsOf, hasLostPermission } from './permissions-of.js';
import type { Revocations } from './revocations.js';
import type { UserAccess } from './user-access.js';

/** setTimeout fires at once for a longer delay. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;
/** Conditions look at the clock in more ways than their end: so often they are looked at again. */
const RULES_EVERY_MS = 10_000;

/** Why a caller may not listen any longer. */
export type SessionEnd = 'expired' | 'revoked' | 'barred' | 'permissions';

/** What is watched. */
export interface Watched {
  readonly revocations: Revocations;
  readonly users: UserAccess;
}

/**
 * Calls `onEnd` once, when the caller's token expires, its session is revoked or its account is suspended or deleted
 * (also when it already was: the token may have been verified just before). Returns how to stop watching. An anonymous
 * caller has nothing to end.
 */
export function watchSession(
  caller: Caller,
  { revocations, users, onEnd }: Watched & { readonly onEnd: (end: SessionEnd) => void },
): () => void {
  const { viewer } = caller.origin;
  if (viewer === null) return () => undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const stop = (): void => {
    isOver = true;
    clearTimeout(timer);
    stopSession();
    for (const stopUser of stopUsers) stopUser();
  };
  const end = (reason: SessionEnd): void => {
    if (isOver) return;
    stop();
    onEnd(reason);
  };
  const stopSession = revocations.onRevoked((sessionId) => {
    if (sessionId === viewer.sessionId) end('revoked');
  });
  const people = [viewer.userId, ...(viewer.impersonatorId === null ? [] : [viewer.impersonatorId])];
  const isBarred = (): boolean => people.some((userId) => users.isBarred(userId));
  const stopUsers = people.map((userId) =>
    users.onChanged(userId, () => {
      if (isBarred()) end('barred');
    }),
  );
  if (revocations.has(viewer.sessionId)) {
    queueMicrotask(() => end('revoked'));
  } else if (isBarred()) {
    queueMicrotask(() => end('barred'));
  } else if (caller.expiresAt !== null) {
    timer = timeout(() => end('expired'), caller.expiresAt - Date.now());
  }
  return stop;
}

/**
 * Calls `onLost` once, when the caller has lost one of the permissions with which it began to listen: taken away, run
 * out, or under a condition that does not hold any more. More permissions are no reason to end anything.
 */
export function watchPermissions(
  caller: Caller,
  { users, onLost }: Pick<Watched, 'users'> & { readonly onLost: () => void },
): () => void {
  const { viewer } = caller.origin;
  // Without any permission it could lose none.
  if (viewer === null || viewer.permissions.length === 0) return () => undefined;
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(timer);
    stopUser();
    stopImpersonator?.();
  };
  const look = (): void => {
    clearTimeout(timer);
    if (hasLostPermission(caller, users)) {
      stop();
      onLost();
      return;
    }
    const next = nextLook(grantsOf(caller, users));
    if (next !== undefined) timer = timeout(look, next - Date.now());
  };
  const stopUser = users.onChanged(viewer.userId, look);
  const stopImpersonator = viewer.impersonatorId === null ? undefined : users.onChanged(viewer.impersonatorId, look);
  timer = timeout(look, 0);
  return stop;
}

/** When time alone may change what these grants allow, in milliseconds since the epoch. */
function nextLook(all: readonly AccessGrants[]): number | undefined {
  const now = Date.now();
  const rules = all.flatMap((grants) => grants.rules);
  const ends = [
    ...all.flatMap(({ expiries }) => Object.values(expiries)),
    ...rules.flatMap(({ expiresAt }) => expiresAt ?? []),
  ]
    .map((seconds) => seconds * 1_000)
    .filter((end) => end > now);
  if (rules.length > 0) ends.push(now + RULES_EVERY_MS);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function timeout(callback: () => void, ms: number): NodeJS.Timeout {
  const timer = setTimeout(callback, Math.min(Math.max(ms, 0), LONGEST_DELAY_MS));
  timer.unref();
  return timer;
}

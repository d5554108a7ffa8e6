import { forbidden, stepUpRequired, unauthenticated } from '../errors/index.js';
import { holds } from '../identity/index.js';
import type { Viewer } from '../identity/index.js';
import { AUTHENTICATED, IMPERSONATED, INTERACTIVE, PUBLIC, STEP_UP_SECONDS } from './auth-directive.js';

/** What `@auth` says of a field, and where the field is. */
export interface FieldGuard {
  readonly permission: string;
  readonly stepUp: boolean;
  /** A field of Query, Mutation or Subscription: there is no object yet, it acts on what is the viewer's own. */
  readonly isRoot: boolean;
  /** A field of Mutation. */
  readonly isMutation: boolean;
}

/**
 * Throws unless the viewer may have the field.
 * @param isOwner whether the object that carries the field is the viewer's own; never asked at a root.
 */
export function checkAccess(guard: FieldGuard, viewer: Viewer | null, isOwner: (viewer: Viewer) => boolean): void {
  const { permission, stepUp, isMutation } = guard;
  if (viewer === null) {
    if (permission === PUBLIC) return;
    throw unauthenticated();
  }
  if (permission === IMPERSONATED) {
    if (viewer.impersonatorId !== null) return;
    throw forbidden(permission, 'This ends an impersonation, and there is none.');
  }
  if (viewer.impersonatorId !== null && isMutation) {
    throw forbidden(permission, 'While you impersonate somebody you can read and change nothing.');
  }
  if (permission === PUBLIC) return;
  if ((permission === INTERACTIVE || stepUp) && !isPersonal(viewer)) {
    throw forbidden(permission, 'This needs a session of your own: neither an API key nor an impersonation will do.');
  }
  checkPermission(guard, viewer, isOwner);
  // Last, so that nobody proves who they are for something they may not do.
  if (stepUp && Date.now() / 1_000 - viewer.authenticatedAt > STEP_UP_SECONDS) throw stepUpRequired(STEP_UP_SECONDS);
}

function checkPermission(
  { permission, isRoot, isMutation }: FieldGuard,
  viewer: Viewer,
  isOwner: (viewer: Viewer) => boolean,
): void {
  if (permission === INTERACTIVE) return;
  if (permission === AUTHENTICATED) {
    if (viewer.kind === 'api-key' && isMutation) {
      throw forbidden(permission, 'An API key cannot do this, whatever its permissions: it needs a session.');
    }
    return;
  }
  const isOwnScope = permission.endsWith(':own');
  // The widest scope includes the narrower ones.
  const anyScope = permission.replace(/:(?:own|team)$/, ':any');
  if (holds(viewer, anyScope)) return;
  if (!isOwnScope) {
    if (holds(viewer, permission)) return;
    throw forbidden(permission);
  }
  // To hold `own` says what one may do with one's own, and everybody may; except for keys, which may what they were given.
  const mayOwn = viewer.kind === 'session' || holds(viewer, permission);
  if (mayOwn && (isRoot || isOwner(viewer))) return;
  throw forbidden(mayOwn ? anyScope : permission);
}

function isPersonal({ kind, impersonatorId }: Viewer): boolean {
  return kind === 'session' && impersonatorId === null;
}

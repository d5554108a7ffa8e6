import { Refusal } from '../http/refusal.js';
import { KeysUnavailableError, TokenRefusedError } from './access-token.js';
import type { VerifyToken } from './access-token.js';
import { ApiKeyRefusedError, ApiKeysUnavailableError } from './api-keys/api-key-errors.js';
import { isApiKey } from './api-keys/api-keys.js';
import type { ApiKeys } from './api-keys/api-keys.js';
import { signedIn } from './caller.js';
import type { Caller, Identity } from './caller.js';
import { withPermissionsNow } from './permissions-of.js';
import type { Revocations } from './revocations.js';
import type { UserAccess } from './user-access.js';

/**
 * Turns an `authorization` value into who is calling. No value is anonymous; a bad value is an error for the whole
 * request, because a client that believes to be signed in must not be served as a stranger.
 */
export type Authenticate = (authorization: string | undefined, caller: Caller) => Promise<Caller>;

export interface Authenticator {
  readonly verify: VerifyToken | undefined;
  /** Undefined when API keys are not taken. */
  readonly apiKeys: ApiKeys | undefined;
  readonly revocations: Revocations;
  readonly users: UserAccess;
}

/** Verification, revocation and permissions in one: the only way from a header to an identity. */
export function createAuthenticator({ verify, apiKeys, revocations, users }: Authenticator): Authenticate {
  // Without keys the gateway does no authentication at all: tokens are not its business.
  if (verify === undefined) return (_authorization, caller) => Promise.resolve(caller);
  const identify = (credential: string, caller: Caller): Promise<Identity> => {
    return apiKeys !== undefined && isApiKey(credential)
      ? apiKeys.identify(credential, caller.origin)
      : verify(credential);
  };
  return async (authorization, caller) => {
    if (authorization === undefined || authorization === '') return caller;
    const credential = /^Bearer +([^\s,]+)$/i.exec(authorization)?.[1];
    if (credential === undefined) throw unauthenticated('Send the token as `authorization: Bearer TOKEN`.');
    const identity = await identify(credential, caller).catch((error: unknown) => {
      throw asRefusal(error);
    });
    refuseEnded(identity, { revocations, users });
    if (!revocations.isComplete()) throw unavailable('Which sessions were ended is not known yet. Try again shortly.');
    return withPermissionsNow(signedIn(caller, identity), users);
  };
}

function refuseEnded({ viewer }: Identity, { revocations, users }: Pick<Authenticator, 'revocations' | 'users'>): void {
  if (revocations.has(viewer.sessionId)) {
    throw unauthenticated(
      viewer.kind === 'api-key'
        ? 'The API key was revoked.'
        : 'The session was ended. Sign in again, without this `authorization` header.',
    );
  }
  const isBarred = users.isBarred(viewer.userId) || users.isBarred(viewer.impersonatorId ?? '');
  if (isBarred) throw unauthenticated('The account is not active any more.');
}

function asRefusal(error: unknown): unknown {
  if (error instanceof TokenRefusedError || error instanceof ApiKeyRefusedError) {
    return unauthenticated(error.message, error);
  }
  if (error instanceof KeysUnavailableError || error instanceof ApiKeysUnavailableError) {
    return unavailable(error.message, error);
  }
  return error;
}

/** A token that cannot be judged: no reason to sign anybody out. */
function unavailable(message: string, cause?: unknown): Refusal {
  return new Refusal({
    status: 503,
    code: 'SERVICE_UNAVAILABLE',
    message,
    headers: { 'retry-after': '2' },
    cause,
  });
}

function unauthenticated(message: string, cause?: unknown): Refusal {
  return new Refusal({
    status: 401,
    code: 'UNAUTHENTICATED',
    message,
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    cause,
  });
}

import { Refusal } from '../http/refusal.js';
import type { VerifiedToken, VerifyToken } from './access-token.js';
import { KeysUnavailableError, TokenRefusedError } from './access-token.js';
import type { Revocations } from './revocations.js';

/**
 * Turns an `authorization` value into who is calling. No value is anonymous; a bad value is an error for the whole
 * request, because a client that believes to be signed in must not be served as a stranger.
 */
export type Authenticate = (authorization: string | undefined) => Promise<VerifiedToken | null>;

/** Verification and revocation in one: the only way from a header to an identity. */
export function createAuthenticator({
  verify,
  revocations,
}: {
  readonly verify: VerifyToken | undefined;
  readonly revocations: Revocations;
}): Authenticate {
  // Without keys the gateway does no authentication at all: tokens are not its business.
  if (verify === undefined) return () => Promise.resolve(null);
  return async (authorization) => {
    if (authorization === undefined || authorization === '') return null;
    const token = /^Bearer +([^\s,]+)$/i.exec(authorization)?.[1];
    if (token === undefined) throw unauthenticated('Send the token as `authorization: Bearer TOKEN`.');
    const verified = await verify(token).catch((error: unknown) => {
      throw asRefusal(error);
    });
    if (revocations.has(verified.viewer.sessionId))
      throw unauthenticated('The session was ended. Sign in again, without this `authorization` header.');
    if (!revocations.isComplete()) throw unavailable('Which sessions were ended is not known yet. Try again shortly.');
    return verified;
  };
}

function asRefusal(error: unknown): unknown {
  if (error instanceof TokenRefusedError) return unauthenticated(error.message, error);
  if (error instanceof KeysUnavailableError) {
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

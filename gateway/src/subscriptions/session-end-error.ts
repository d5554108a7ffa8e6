import { GraphQLError } from 'graphql';
import type { SessionEnd } from '../security/session-watch.js';

const MESSAGES: Readonly<Record<SessionEnd, string>> = {
  expired: 'The access token has expired',
  revoked: 'The session was ended',
};

/** Short enough for a WebSocket's close reason (123 bytes). */
export function sessionEndReason(end: SessionEnd): string {
  return MESSAGES[end];
}

/** The last thing on a stream whose caller may not listen any longer. */
export function sessionEndError(end: SessionEnd): GraphQLError {
  return new GraphQLError(`${MESSAGES[end]}. Sign in again, then subscribe again.`, {
    extensions: { code: 'UNAUTHENTICATED' },
  });
}

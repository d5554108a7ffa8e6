import { GraphQLError } from 'graphql';
import type { SessionEnd } from '../security/session-watch.js';

const MESSAGES: Readonly<Record<SessionEnd, string>> = {
  expired: 'The access token has expired',
  revoked: 'The session was ended',
  barred: 'The account is not active any more',
  permissions: 'Permissions were taken away',
};

/** Short enough for a WebSocket's close reason (123 bytes). */
export function sessionEndReason(end: SessionEnd): string {
  return MESSAGES[end];
}

/** The last thing on a stream whose caller may not listen any longer. */
export function sessionEndError(end: SessionEnd): GraphQLError {
  return end === 'permissions'
    ? new GraphQLError(`${MESSAGES[end]}. Subscribe again, to what is still allowed.`, {
        extensions: { code: 'FORBIDDEN' },
      })
    : new GraphQLError(`${MESSAGES[end]}. Sign in again, then subscribe again.`, {
        extensions: { code: 'UNAUTHENTICATED' },
      });
}

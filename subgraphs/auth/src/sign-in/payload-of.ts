import { userError } from '../user-error.js';
import type { SignInOutcome } from './sign-in.service.js';
import type { LoginPayload } from './sign-in.types.js';

/** What the client is told. */
export function payloadOf(outcome: SignInOutcome): LoginPayload {
  return {
    tokens: outcome.kind === 'signed-in' ? outcome.tokens : null,
    challenge: outcome.kind === 'challenge' ? outcome.challenge : null,
    userErrors: outcome.kind === 'refused' ? [userError(outcome.code)] : [],
  };
}

import { GraphQLError } from 'graphql';

/** Codes that appear in `errors[].extensions.code`; business errors are in the payload's `userErrors` instead. */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'STEP_UP_REQUIRED'
  | 'RATE_LIMITED'
  | 'BAD_USER_INPUT'
  | 'INTERNAL_SERVER_ERROR';

/** Nobody is signed in, or the token is not good any more. */
export function unauthenticated(message = 'Sign in first: send `authorization: Bearer <accessToken>`.'): GraphQLError {
  return withCode('UNAUTHENTICATED', message);
}

/** The viewer is known and may not do this. */
export function forbidden(permission: string, message = `This needs the permission ${permission}.`): GraphQLError {
  return withCode('FORBIDDEN', message, { permission });
}

/** The viewer may do this, and has to prove once more who they are: the last time must be at most so long ago. */
export function stepUpRequired(maxAgeSeconds: number): GraphQLError {
  return withCode(
    'STEP_UP_REQUIRED',
    `Prove first that it is you, with the mutation reauthenticate: it must have been within the last ${maxAgeSeconds} s.`,
    { maxAgeSeconds },
  );
}

/** Too many requests; `retryAfter` in seconds. */
export function rateLimited(retryAfter: number): GraphQLError {
  return withCode('RATE_LIMITED', `Too many requests. Try again in ${retryAfter} s.`, { retryAfter });
}

/** An argument that the schema allows and the operation does not; `reason` is for programs. */
export function badUserInput(message: string, extra: { readonly reason?: string } = {}): GraphQLError {
  return withCode('BAD_USER_INPUT', message, extra);
}

function withCode(code: ErrorCode, message: string, extra: Readonly<Record<string, unknown>> = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...extra } });
}

import type { Stage } from '../stage.js';
import { signedIn } from './caller.js';

/** Verifies the access token, once for the request, before anything is parsed or planned for a stranger. */
export const authenticateRequest: Stage = async (exchange, { authenticate }) => {
  const verified = await authenticate(exchange.headers.get('authorization'));
  if (verified !== null) exchange.caller = signedIn(exchange.caller, verified);
  return undefined;
};

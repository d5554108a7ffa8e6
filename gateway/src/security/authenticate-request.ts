import { authorizationIn } from '../http/authorization-header.js';
import type { Stage } from '../stage.js';

/** Finds out who is calling, once for the request, before anything is parsed or planned for a stranger. */
export const authenticateRequest: Stage = async (exchange, { authenticate }) => {
  exchange.caller = await authenticate(authorizationIn(exchange.request), exchange.caller);
  return undefined;
};

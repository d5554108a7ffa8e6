import type { Stage } from '../stage.js';

/** Verifies the access token, once for the request, before anything is parsed or planned for a stranger. */
export const authenticateRequest: Stage = async (exchange, { authenticate }) => {
  const verified = await authenticate(exchange.headers.get('authorization'));
  if (verified === null) return undefined;
  const { caller } = exchange;
  exchange.caller = { ...caller, origin: { ...caller.origin, viewer: verified.viewer }, expiresAt: verified.expiresAt };
  return undefined;
};

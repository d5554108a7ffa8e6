import type { Stage } from '../stage.js';
import { json } from './exchange.js';

/** `?live`: the process answers. `?ready` and no query: it has a supergraph and is not stopping. */
export const serveHealth: Stage = ({ path, method, search }, { state }) => {
  if (path !== '/health' || (method !== 'GET' && method !== 'HEAD')) return undefined;
  const { phase } = state();
  if (new URLSearchParams(search).has('live')) return json(200, { status: 'ok', phase });
  return phase === 'ready'
    ? json(200, { status: 'ok', phase })
    : json(503, { status: 'unavailable', phase }, { 'retry-after': '1' });
};

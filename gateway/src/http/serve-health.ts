import type { Stage } from '../stage.js';
import { json } from './exchange.js';

/**
 * `?live`: the process answers. `?ready` and no query: it has a supergraph, knows which sessions were ended, and is
 * not stopping.
 */
export const serveHealth: Stage = ({ path, method, search }, { state, revocations }) => {
  if (path !== '/health' || (method !== 'GET' && method !== 'HEAD')) return undefined;
  const { phase } = state();
  if (new URLSearchParams(search).has('live')) return json(200, { status: 'ok', phase });
  if (phase === 'ready' && !revocations.isComplete()) {
    return json(503, { status: 'unavailable', phase, waitingFor: 'the event bus' }, { 'retry-after': '1' });
  }
  return phase === 'ready'
    ? json(200, { status: 'ok', phase })
    : json(503, { status: 'unavailable', phase }, { 'retry-after': '1' });
};

import type { Stage } from '../stage.js';
import { Refusal } from './refusal.js';

/** Everything that is no GraphQL has been served by now: an unknown path is told what there is. */
export const requireGraphqlPath: Stage = ({ path }, { settings }) => {
  if (path === '/graphql') return undefined;
  const pages = settings.pages.map((page) => page.path);
  const known = [
    '/graphql',
    ...pages,
    ...(settings.production ? [] : ['/sandbox']),
    '/health',
    '/.well-known/jwks.json',
  ];
  throw new Refusal({
    status: 404,
    code: 'NOT_FOUND',
    message: `There is nothing at ${shorten(path)}. Here are: ${known.join(', ')}.`,
  });
};

export const requireMethod: Stage = ({ method }) => {
  if (method === 'POST' || method === 'GET') return undefined;
  throw new Refusal({
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    message: 'GraphQL is served over POST, queries and event streams over GET.',
    headers: { allow: 'GET, POST, OPTIONS' },
  });
};

/** Before the first composition and while stopping there is nothing to execute on. */
export const requireReady: Stage = (_exchange, { state }) => {
  const { phase } = state();
  if (phase === 'ready') return undefined;
  throw new Refusal({
    status: 503,
    code: 'SERVICE_UNAVAILABLE',
    message:
      phase === 'starting' ? 'The gateway is starting: the graph is not composed yet.' : 'The gateway is stopping.',
    headers: { 'retry-after': '1' },
  });
};

function shorten(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}...` : path;
}

import type { Settings } from '../settings.js';
import type { Stage } from '../stage.js';

const PREFLIGHT_SECONDS = '600';
const EXPOSED = 'x-request-id, retry-after, ratelimit, ratelimit-policy, x-orion-sql-statements';

/** Lets pages of allowed origins read answers, and answers their preflights. Nobody is authenticated by cookie. */
export const applyCors: Stage = ({ method, headers, replyHeaders }, { settings }) => {
  replyHeaders.set('vary', 'origin');
  const origin = headers.get('origin');
  const isAllowed = origin !== undefined && isOriginAllowed(origin, { settings, host: headers.get('host') });
  if (isAllowed) {
    replyHeaders.set('access-control-allow-origin', settings.corsOrigins.includes('*') ? '*' : origin);
    replyHeaders.set('access-control-expose-headers', EXPOSED);
  }
  if (method !== 'OPTIONS' || headers.get('access-control-request-method') === undefined) return undefined;
  if (!isAllowed) return { status: 403, body: null };
  const allow: Record<string, string> = {
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': headers.get('access-control-request-headers') ?? 'content-type, authorization',
    'access-control-max-age': PREFLIGHT_SECONDS,
  };
  // A page on the internet (Apollo Sandbox) asks a gateway on the developer's machine.
  if (headers.get('access-control-request-private-network') === 'true')
    allow['access-control-allow-private-network'] = 'true';
  return { status: 204, headers: allow, body: null };
};

/**
 * The gateway's own pages, and the origins of the allow-list. Where the gateway is reached by https, a page that came
 * without it is not its own: anybody on the way could have written it.
 */
export function isOriginAllowed(
  origin: string,
  {
    settings,
    host,
  }: { readonly settings: Pick<Settings, 'corsOrigins' | 'publicUrl'>; readonly host: string | undefined },
): boolean {
  if (settings.corsOrigins.includes('*') || settings.corsOrigins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  const published = new URL(settings.publicUrl);
  if (published.protocol === 'https:' && page.protocol !== 'https:') return false;
  return page.host === host || origin === published.origin;
}

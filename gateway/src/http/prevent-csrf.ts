import type { Stage } from '../stage.js';
import { isOriginAllowed } from './apply-cors.js';
import { Refusal } from './refusal.js';

/** Any of these forces a browser to ask first (a CORS preflight), which a foreign page does not pass. */
const PREFLIGHTED_HEADERS = ['apollo-require-preflight', 'x-apollo-operation-name', 'graphql-require-preflight'];
/** What a form or an `<img>` can send without asking: https://fetch.spec.whatwg.org/#cors-safelisted-request-header */
const SIMPLE_TYPES = new Set(['', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']);

/**
 * A page of a foreign site must not make a browser run operations behind its user's back. Browsers say who asks
 * (Fetch Metadata, or Origin for a POST); programs that are no browsers have no victim's ambient rights to abuse.
 */
export const preventCsrf: Stage = ({ headers }, { settings }) => {
  const type = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const isPreflighted = !SIMPLE_TYPES.has(type) || PREFLIGHTED_HEADERS.some((name) => headers.has(name));
  if (isPreflighted) return undefined;
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  const isForeign =
    origin !== undefined
      ? !isOriginAllowed(origin, {
          settings: { ...settings, corsOrigins: settings.corsOrigins.filter((allowed) => allowed !== '*') },
          host: headers.get('host'),
        })
      : site === 'cross-site' || site === 'same-site';
  if (!isForeign) return undefined;
  throw new Refusal({
    status: 400,
    code: 'CSRF_PREVENTED',
    message:
      'This request could have been sent by a foreign page. Send `content-type: application/json` with POST, ' +
      `or one of the headers ${PREFLIGHTED_HEADERS.join(', ')} with any value.`,
  });
};

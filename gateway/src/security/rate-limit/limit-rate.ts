import type { Exchange } from '../../http/exchange.js';
import type { Parts, Stage } from '../../stage.js';
import { refusalOf } from './rate-limits.js';
import type { RateVerdict } from './rate-limits.js';

/** Counts the request of an address: before its token is verified, which costs more than refusing it. */
export const limitClient: Stage = (exchange, parts) => {
  const verdict = parts.rateLimits.countClient(exchange.caller);
  if (verdict instanceof Promise) return verdict.then((known) => applyToClient(exchange, known, parts));
  return applyToClient(exchange, verdict, parts);
};

function applyToClient(exchange: Exchange, verdict: RateVerdict | undefined, parts: Parts): undefined {
  if (verdict?.taken.isAllowed === false) warnOfProxy(exchange, parts);
  return apply(exchange, verdict);
}

const warned = new WeakSet<Parts>();

/** The one way in which the limit hits everybody at once, and the one that its operator cannot guess. */
function warnOfProxy({ headers }: Exchange, parts: Parts): void {
  if (parts.settings.trustedProxyHops > 0 || !headers.has('x-forwarded-for') || warned.has(parts)) return;
  warned.add(parts);
  parts.logger.warn(
    'a client over its rate limit sent x-forwarded-for, and TRUSTED_PROXY_HOPS is 0: if a reverse proxy is in front, all of its clients share one limit',
  );
}

/** Counts the request of a signed-in user, wherever it comes from. */
export const limitIdentity: Stage = (exchange, { rateLimits }) => {
  const verdict = rateLimits.countIdentity(exchange.caller);
  if (verdict instanceof Promise) return verdict.then((known) => apply(exchange, known));
  return apply(exchange, verdict);
};

function apply({ replyHeaders }: Exchange, verdict: RateVerdict | undefined): undefined {
  if (verdict === undefined) return undefined;
  const { policy, limit, taken } = verdict;
  // https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10
  append(replyHeaders, { name: 'ratelimit-policy', item: `"${policy}";q=${limit};w=60` });
  append(replyHeaders, {
    name: 'ratelimit',
    item: `"${policy}";r=${taken.remaining};t=${Math.ceil(taken.resetMs / 1000)}`,
  });
  if (!taken.isAllowed) throw refusalOf(verdict);
  return undefined;
}

function append(headers: Map<string, string>, { name, item }: { readonly name: string; readonly item: string }): void {
  const known = headers.get(name);
  headers.set(name, known === undefined ? item : `${known}, ${item}`);
}

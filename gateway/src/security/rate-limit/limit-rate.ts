import type { Exchange } from '../../http/exchange.js';
import type { Stage } from '../../stage.js';
import { refusalOf } from './rate-limits.js';
import type { RateVerdict } from './rate-limits.js';

/** Counts the request of an address: before its token is verified, which costs more than refusing it. */
export const limitClient: Stage = (exchange, { rateLimits }) =>
  applyTo(exchange, rateLimits.countClient(exchange.caller));

/** Counts the request of a signed-in user, wherever it comes from. */
export const limitIdentity: Stage = (exchange, { rateLimits }) =>
  applyTo(exchange, rateLimits.countIdentity(exchange.caller));

function applyTo(
  exchange: Exchange,
  verdict: RateVerdict | undefined | Promise<RateVerdict | undefined>,
): undefined | Promise<undefined> {
  if (verdict instanceof Promise) return verdict.then((known) => apply(exchange, known));
  return apply(exchange, verdict);
}

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

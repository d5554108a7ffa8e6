import { OperationTypeNode } from 'graphql';
import { json } from '../http/exchange.js';
import type { Exchange, Reply } from '../http/exchange.js';
import { Refusal } from '../http/refusal.js';
import type { Prepared } from '../planning/prepare-operation.js';
import { presentError } from '../security/present-error.js';
import type { Parts, Stage } from '../stage.js';

/** A subscription has more than one answer: over plain JSON its sender is told what it can use instead. */
export const requireStream: Stage = (exchange, parts) => {
  const { operation } = exchange;
  const now = parts.state();
  // Most documents do not have the word, and are not parsed a second time.
  if (operation?.query?.includes('subscription') !== true || now.phase !== 'ready') return undefined;
  const preparation = now.prepare(operation);
  if (!preparation.ok) return refuseSubscription(preparation, { exchange, parts });
  if (preparation.prepared.operation.operation !== OperationTypeNode.SUBSCRIPTION) return undefined;
  throw new Refusal({
    status: 406,
    code: 'SUBSCRIPTION_NEEDS_STREAM',
    message:
      'A subscription needs a stream: use a WebSocket (graphql-transport-ws) at this path, or send ' +
      '`accept: text/event-stream` or `accept: multipart/mixed;subscriptionSpec=1.0`.',
  });
};

/**
 * @apollo/server validates with a rule that throws on a variable in a root condition of a subscription, which would be
 * a failure of the gateway: what is wrong with one has been found out already. Status as for every operation: 200 in
 * the old media type, https://graphql.github.io/graphql-over-http/draft/#sec-application-json
 */
function refuseSubscription(
  { errors }: Extract<Prepared, { readonly ok: false }>,
  { exchange, parts }: { readonly exchange: Exchange; readonly parts: Parts },
): Reply {
  const { requestId, headers } = exchange;
  const policy = { production: parts.settings.production, logger: parts.logger, requestId };
  const body = { errors: errors.map((error) => presentError(error, policy)) };
  return headers.get('accept')?.includes('application/graphql-response+json') === true
    ? json(400, body, { 'content-type': 'application/graphql-response+json; charset=utf-8' })
    : json(200, body);
}

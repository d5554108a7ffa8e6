import type { Exchange, OperationRequest, Reply, StreamOutput } from '../http/exchange.js';
import { mutationOverGet } from '../http/mutation-over-get.js';
import { Refusal } from '../http/refusal.js';
import { requireReady } from '../http/require-graphql.js';
import type { Parts, Stage } from '../stage.js';
import { errorEvent, pourStream } from './pour-stream.js';
import { isSubscription } from './prepared-subscription.js';
import { createStreamEvent } from './stream-event.js';
import type { StreamEvent } from './stream-event.js';
import type { StreamFormat } from './stream-format.js';
import { streamFormatOf } from './stream-format.js';

/**
 * Answers clients that accept server-sent events or Apollo's multipart: the same pipeline as on a WebSocket. Over GET
 * as well, because the browsers' EventSource knows no other way; a subscription is a read.
 */
export const openStream: Stage = (exchange, parts) => {
  const format = streamFormatOf(exchange.headers.get('accept'));
  if (format === undefined || exchange.operation === null) return undefined;
  return open(exchange.operation, { format, exchange, parts });
};

async function open(
  operation: OperationRequest,
  { format, exchange, parts }: { readonly format: StreamFormat; readonly exchange: Exchange; readonly parts: Parts },
): Promise<Reply | undefined> {
  const state = parts.state();
  if (state.phase !== 'ready') return requireReady(exchange, parts);
  const preparation = await state.prepare(operation, exchange.caller);
  const prepared = preparation.ok ? preparation.prepared : undefined;
  const subscription = prepared !== undefined && isSubscription(prepared) ? prepared : undefined;
  if (subscription === undefined && format.name === 'multipart') return asPlainJson(exchange);
  if (prepared !== undefined) exchange.ran = { type: prepared.executable.kind, name: prepared.name };
  if (!preparation.ok) return single(format, errorEvent(preparation.errors, exchange, parts));
  if (subscription === undefined) {
    if (prepared?.executable.kind === 'mutation' && exchange.method === 'GET') throw mutationOverGet();
    const result = await state.operations.execute(operation, exchange.caller);
    return single(format, createStreamEvent(JSON.stringify(result)));
  }

  const release = parts.connections.open(exchange.caller.origin.clientIp);
  if (release === null) {
    throw new Refusal({
      status: 429,
      code: 'TOO_MANY_CONNECTIONS',
      message: 'Too many open streams from this address. Close some first.',
    });
  }
  const pouring = { prepared: subscription, format, exchange, subscriptions: state.subscriptions, parts };
  return reply(format, (output) => pourStream(output, pouring).finally(release));
}

function single(format: StreamFormat, { text }: StreamEvent): Reply {
  return reply(format, (output) => output.write(Buffer.concat([format.start, format.next(text), format.end])));
}

function reply(format: StreamFormat, body: (output: StreamOutput) => Promise<void>): Reply {
  // Proxies that buffer would hold events back.
  return { status: 200, headers: { 'content-type': format.contentType, 'x-accel-buffering': 'no' }, body };
}

/** A client that offers multipart for subscriptions takes JSON for everything else. */
function asPlainJson(exchange: Exchange): undefined {
  exchange.headers.set('accept', 'application/graphql-response+json, application/json');
  return undefined;
}

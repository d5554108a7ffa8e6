import { OperationTypeNode } from 'graphql';
import type { FormattedExecutionResult } from 'graphql';
import type { Exchange, Reply, StreamOutput } from '../http/exchange.js';
import { Refusal } from '../http/refusal.js';
import { requireReady } from '../http/require-graphql.js';
import { presentError } from '../security/present-error.js';
import { watchSession } from '../security/session-watch.js';
import type { Parts, Stage } from '../stage.js';
import { sessionEndError } from './session-end-error.js';
import type { StreamFormat } from './stream-format.js';
import { streamFormatOf } from './stream-format.js';
import type { ClientEvents } from './subscriptions.js';

/**
 * Answers clients that accept server-sent events or Apollo's multipart: the same pipeline as on a WebSocket. Over GET
 * as well, because the browsers' EventSource knows no other way; a subscription is a read.
 */
export const openStream: Stage = async (exchange, parts) => {
  const format = streamFormatOf(exchange.headers.get('accept'));
  if (format === undefined || exchange.operation === null) return undefined;
  const state = parts.state();
  if (state.phase !== 'ready') return requireReady(exchange, parts);
  const preparation = state.prepare(exchange.operation);
  const isSubscription = preparation.ok && preparation.prepared.operation.operation === OperationTypeNode.SUBSCRIPTION;
  if (!isSubscription && format.name === 'multipart') return asPlainJson(exchange);
  if (!preparation.ok) return single(format, present(preparation.errors, exchange, parts));
  if (!isSubscription && exchange.method === 'GET') requireQuery(preparation.prepared.operation.operation);
  if (!isSubscription) return single(format, await state.operations.execute(exchange.operation, exchange.caller));

  const release = parts.connections.open(exchange.caller.origin.clientIp);
  if (release === null) {
    throw new Refusal({
      status: 429,
      code: 'TOO_MANY_CONNECTIONS',
      message: 'Too many open streams from this address. Close some first.',
    });
  }
  const events = state.subscriptions.open(preparation.prepared, {
    caller: exchange.caller,
    // There is no close code in HTTP: the broken connection is the message.
    onOverflow: () => exchange.request.socket.destroy(),
  });
  if (!('next' in events)) {
    release();
    return single(format, present(events, exchange, parts));
  }
  return reply(format, (output) => pour(events, output, { format, exchange, parts }).finally(release));
};

/** As over plain JSON: a link must not change anything. */
function requireQuery(operation: OperationTypeNode): void {
  if (operation === OperationTypeNode.QUERY) return;
  throw new Refusal({
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    message: 'GET is for queries and subscriptions: send a mutation with POST.',
    headers: { allow: 'POST' },
  });
}

async function pour(
  events: ClientEvents,
  output: StreamOutput,
  { format, exchange, parts }: { readonly format: StreamFormat; readonly exchange: Exchange; readonly parts: Parts },
): Promise<void> {
  const { revocations, settings } = parts;
  let isWriting = false;
  const write = async (text: string): Promise<void> => {
    isWriting = true;
    await output.write(text);
    isWriting = false;
  };
  const stopWatching = watchSession(exchange.caller, {
    revocations,
    onEnd: (end) => {
      events.push(present([sessionEndError(end)], exchange, parts));
      events.end();
    },
  });
  const heartbeat = setInterval(() => {
    if (!isWriting) void write(format.heartbeat);
  }, settings.connections.heartbeatMs);
  const isOver = (): boolean => output.gone.aborted || parts.stopping.aborted;
  const leave = (): void => void events.return(undefined);
  output.gone.addEventListener('abort', leave);
  parts.stopping.addEventListener('abort', leave);
  try {
    if (isOver()) return leave();
    await write(format.start);
    for await (const result of events) await write(format.next(result));
    // A stream that the gateway's stop cuts short does not claim to be complete: the client comes back.
    if (!isOver()) await write(format.end);
  } finally {
    parts.stopping.removeEventListener('abort', leave);
    clearInterval(heartbeat);
    stopWatching();
  }
}

function single(format: StreamFormat, result: FormattedExecutionResult): Reply {
  return reply(format, (output) => output.write(format.start + format.next(result) + format.end));
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

function present(errors: readonly Error[], exchange: Exchange, { settings, logger }: Parts): FormattedExecutionResult {
  const { requestId } = exchange;
  return { errors: errors.map((error) => presentError(error, { production: settings.production, logger, requestId })) };
}

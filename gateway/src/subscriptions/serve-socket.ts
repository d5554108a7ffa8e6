import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError, GraphQLSchema, parse } from 'graphql';
import type { ExecutionArgs, FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { makeServer } from 'graphql-ws';
import type { Context, SubscribePayload } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { OperationRequest } from '../http/exchange.js';
import { forwardedHeaders } from '../http/forwarded-headers.js';
import { correlationOf, requestIdOf, traceparentOf } from '../http/name-request.js';
import { Refusal } from '../http/refusal.js';
import type { Tracer } from '../observability/tracing.js';
import { admitOperation } from '../security/admit-operation.js';
import { anonymousCaller, signedIn } from '../security/caller.js';
import type { Caller } from '../security/caller.js';
import { presentError } from '../security/present-error.js';
import { watchSession } from '../security/session-watch.js';
import type { Parts } from '../stage.js';
import { CLOSE } from './close-codes.js';
import { createEventSink } from './event-sink.js';
import { createOutlet } from './outlet.js';
import { isSubscription } from './prepared-subscription.js';
import type { PreparedSubscription } from './prepared-subscription.js';
import { sessionEndReason } from './session-end-error.js';
import { createSilentIterator } from './silent-iterator.js';
import { failureIn, failureOf, StreamFailure } from './stream-failure.js';
import { nextPrefix, writeNext } from './websocket-frame.js';

/** One client's WebSocket while it is served. */
export interface ServedSocket {
  /** No query or mutation is in flight on it. */
  isIdle(): boolean;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** A client that does not take a close frame is cut off. */
const CLOSE_GRACE_MS = 5_000;
const REASON_LENGTH = 120;

/** A client that sends without ever reading fills no more than this. */
const UNREAD_BYTES = 16 * 1024 * 1024;
const UNEXPECTED_MESSAGE = /^Unexpected message of type/;

interface Opening {
  readonly request: IncomingMessage;
  /** The connection below the WebSocket. */
  readonly connection: Duplex;
  readonly clientIp: string | null;
  readonly parts: Parts;
}

/** What the hooks of one operation pass on. */
interface OperationScope {
  /** As the client named it. */
  readonly id: string;
  readonly caller: Caller;
  readonly request: OperationRequest;
  /** Undefined for what is answered once. */
  readonly subscription: PreparedSubscription | undefined;
}

/** The library looks at the kind of an operation, and everything else is known already. */
const ANSWERED_ONCE = { schema: new GraphQLSchema({}), document: parse('{ __typename }') };
const STREAMED = { schema: ANSWERED_ONCE.schema, document: parse('subscription { __typename }') };

/** Speaks graphql-transport-ws on one socket: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md */
export function serveSocket(socket: WebSocket, { request, connection, clientIp, parts }: Opening): ServedSocket {
  const { settings, logger, authenticate, revocations, state } = parts;
  const present = (error: Error, { origin }: Caller): GraphQLFormattedError =>
    presentError(error, { production: settings.production, logger, requestId: origin.requestId });
  let caller: Caller = callerOf(request, clientIp);
  let stopWatching: () => void = () => undefined;
  let inFlight = 0;
  const isOpen = (): boolean => socket.readyState === socket.OPEN;
  const outlet = createOutlet(connection, isOpen);

  const close = (code: number, reason: string): void => {
    socket.close(code, reason.slice(0, REASON_LENGTH));
    setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref();
  };

  /** The same rules as for a header; the token may come in either place, browsers cannot set headers here. */
  const connect = async (parameters: Readonly<Record<string, unknown>> | undefined): Promise<boolean> => {
    try {
      const verified = await authenticate(authorizationOf(parameters) ?? request.headers.authorization);
      // A socket that went away meanwhile has nobody to watch over.
      if (!isOpen()) return false;
      const forwarded = forwardedHeaders(socketHeaders(request, parameters), settings.forwardHeaders);
      if (forwarded !== undefined) caller = { ...caller, forwarded };
      if (verified === null) return true;
      caller = signedIn(caller, verified);
      stopWatching = watchSession(caller, {
        revocations,
        onEnd: (end) => close(CLOSE.forbidden, sessionEndReason(end)),
      });
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // The library closes with 4403 as well, after this one, whose reason says why.
      close(error.code === 'UNAUTHENTICATED' ? CLOSE.forbidden : CLOSE.tryAgainLater, error.message);
      return false;
    }
  };

  const prepare = async (
    context: Context<Record<string, unknown>>,
    { id, payload }: { readonly id: string; readonly payload: SubscribePayload },
  ): Promise<ExecutionArgs | readonly GraphQLError[]> => {
    const now = state();
    if (now.phase !== 'ready') return [stopping()];
    if (Object.keys(context.subscriptions).length > settings.connections.operationsPerSocket) {
      return [
        coded('TOO_MANY_OPERATIONS', `More than ${settings.connections.operationsPerSocket} operations on one socket.`),
      ];
    }
    const operationCaller = asRequest(caller, parts.tracer);
    const request = await admitOperation(requestOf(payload), operationCaller, parts);
    if (request instanceof Refusal) {
      operationCaller.span?.end({ error: request.code });
      return [request.toGraphQLError()];
    }
    const scope = { id, caller: operationCaller, request };
    const preparation = await now.prepare(scope.request, scope.caller);
    if (!preparation.ok) {
      operationCaller.span?.end({ error: 'GRAPHQL_ERRORS' });
      return preparation.errors;
    }
    const { prepared } = preparation;
    const contextValue: OperationScope = { ...scope, subscription: isSubscription(prepared) ? prepared : undefined };
    return { ...(contextValue.subscription === undefined ? ANSWERED_ONCE : STREAMED), contextValue };
  };

  const execute = async (args: ExecutionArgs): Promise<FormattedExecutionResult> => {
    const asked = args.contextValue as OperationScope;
    const now = state();
    if (now.phase !== 'ready') throw stopping();
    inFlight += 1;
    try {
      return await now.operations.execute(asked.request, asked.caller);
    } finally {
      asked.caller.span?.end();
      inFlight -= 1;
    }
  };

  const subscribe = (args: ExecutionArgs) => {
    const { id, caller: subscriber, subscription } = args.contextValue as OperationScope;
    const now = state();
    if (now.phase !== 'ready' || subscription === undefined) throw stopping();
    const prefix = nextPrefix(id);
    const sink = createEventSink({
      outlet,
      write: (event) => writeNext(outlet, prefix, event),
      limit: settings.connections.queuedEvents,
      policy: settings.subscriptions.slowClients,
      onDropped: (count) => parts.metrics.eventsDropped(count),
      onOverflow: () => close(CLOSE.tooSlow, 'Events come faster than this client takes them'),
      onEnd: (failure) => {
        if (failure === undefined) operation.end();
        else operation.fail(failureIn(failure));
        leave();
      },
    });
    const operation = createSilentIterator(() => {
      sink.discard();
      leave();
    });
    let leave: () => void = () => undefined;
    const opened = now.subscriptions.open(subscription, { caller: subscriber, transport: 'websocket', sink });
    if (typeof opened === 'function') leave = opened;
    else operation.fail(new StreamFailure(opened.map((error) => present(error, subscriber))));
    // It may last for days: its events have traces of their own.
    subscriber.span?.end();
    return operation.iterator;
  };

  const protocol = makeServer<Record<string, unknown>, undefined>({
    connectionInitWaitTimeout: settings.connections.initTimeoutMs,
    onConnect: ({ connectionParams }) => connect(connectionParams),
    onSubscribe: (context, id, payload) => prepare(context, { id, payload }),
    // Results are formatted already, which the library's types do not foresee.
    execute: execute as never,
    subscribe: subscribe as never,
    onNext: (_context, _id, _payload, _args, result) => result as FormattedExecutionResult,
    onError: (_context, _id, _payload, errors) => failureOf(errors) ?? errors.map((error) => present(error, caller)),
  });

  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      // Resolves when the system has taken the frame: that is how a slow client is felt.
      send: (text) =>
        new Promise((resolve) => {
          if (!isOpen()) return resolve();
          if (socket.bufferedAmount > UNREAD_BYTES) return socket.terminate();
          socket.send(text, () => resolve());
        }),
      close: (code, reason) => close(code ?? CLOSE.goingAway, reason ?? ''),
      onMessage: (receive) =>
        socket.on('message', (data, isBinary) => {
          // Whoever is told to go is not listened to any more.
          if (!isOpen()) return;
          if (isBinary) return close(CLOSE.badRequest, 'Only text is spoken here');
          receive((data as Buffer).toString('utf8')).catch((error: unknown) => {
            if (error instanceof Error && UNEXPECTED_MESSAGE.test(error.message))
              return close(CLOSE.badRequest, 'Invalid message received');
            logger.error({ err: error, requestId: caller.origin.requestId }, 'serving a WebSocket failed');
            close(CLOSE.internalError, 'Internal server error');
          });
        }),
    },
    undefined,
  );
  const stopHeartbeat = keepAlive(socket, settings.connections.heartbeatMs);
  socket.on('error', (error) => logger.debug({ err: error }, 'WebSocket error'));
  socket.once('close', (code, reason) => {
    stopHeartbeat();
    stopWatching();
    void closed(code, String(reason));
  });
  return { isIdle: () => inFlight === 0, close, terminate: () => socket.terminate() };
}

/** Pings, and cuts off who does not answer before the next ping. */
function keepAlive(socket: WebSocket, everyMs: number): () => void {
  let isAlive = true;
  socket.on('pong', () => (isAlive = true));
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, everyMs);
  return () => clearInterval(timer);
}

function callerOf({ headers }: IncomingMessage, clientIp: string | null): Caller {
  const requestId = requestIdOf(firstOf(headers['x-request-id']));
  const userAgent = headers['user-agent']?.slice(0, 512) ?? null;
  const origin = { requestId, ...correlationOf(firstOf(headers['x-correlation-id'])), clientIp, userAgent };
  return anonymousCaller(origin, traceparentOf(firstOf(headers['traceparent'])));
}

/** As `authorization` may, each header may come in connectionParams instead. */
function socketHeaders(
  { headers }: IncomingMessage,
  parameters: Readonly<Record<string, unknown>> | undefined,
): (name: string) => string | undefined {
  return (name) => {
    const entry = Object.entries(parameters ?? {}).find(([key]) => key.toLowerCase() === name);
    return typeof entry?.[1] === 'string' ? entry[1] : firstOf(headers[name]);
  };
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** Each operation on a socket is a request of its own. */
function asRequest(caller: Caller, tracer: Tracer | undefined): Caller {
  const requestId = randomUUID();
  const origin = { ...caller.origin, requestId };
  if (tracer === undefined) return { ...caller, origin };
  const span = tracer.startRequest({ name: 'websocket', requestId, traceparent: caller.traceparent });
  return { ...caller, origin, span, traceparent: span.traceparent };
}

function authorizationOf(parameters: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const entry = Object.entries(parameters ?? {}).find(([name]) => name.toLowerCase() === 'authorization');
  if (entry === undefined) return undefined;
  // Null is what clients send that hold no token; anything else that is no text cannot be a good one.
  return entry[1] === null ? undefined : typeof entry[1] === 'string' ? entry[1] : 'malformed';
}

function requestOf({ query, operationName, variables, extensions, ...rest }: SubscribePayload): OperationRequest {
  const { documentId } = rest as { readonly documentId?: unknown };
  return {
    query,
    ...(typeof documentId === 'string' ? { documentId } : {}),
    ...(operationName === null || operationName === undefined ? {} : { operationName }),
    ...(variables === null || variables === undefined ? {} : { variables }),
    ...(extensions === null || extensions === undefined ? {} : { extensions }),
  };
}

function coded(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

function stopping(): GraphQLError {
  return coded('SERVICE_UNAVAILABLE', 'The gateway is stopping.');
}

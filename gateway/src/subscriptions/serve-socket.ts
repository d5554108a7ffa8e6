import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import type { ExecutionArgs, FormattedExecutionResult } from 'graphql';
import { makeServer } from 'graphql-ws';
import type { Context, SubscribePayload } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { requestIdOf, traceparentOf } from '../http/name-request.js';
import { Refusal } from '../http/refusal.js';
import type { PreparedOperation } from '../planning/prepared-operation.js';
import type { Caller } from '../security/caller.js';
import { presentError } from '../security/present-error.js';
import { watchSession } from '../security/session-watch.js';
import type { Parts } from '../stage.js';
import { CLOSE } from './close-codes.js';
import { sessionEndReason } from './session-end-error.js';

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

interface Opening {
  readonly request: IncomingMessage;
  readonly clientIp: string | null;
  readonly parts: Parts;
}

/** What the hooks of one operation pass on. */
interface OperationScope {
  readonly caller: Caller;
  readonly prepared: PreparedOperation;
}

/** Speaks graphql-transport-ws on one socket: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md */
export function serveSocket(socket: WebSocket, { request, clientIp, parts }: Opening): ServedSocket {
  const { settings, logger, authenticate, revocations, state } = parts;
  const policy = { production: settings.production, logger };
  let caller: Caller = callerOf(request, clientIp);
  let stopWatching: () => void = () => undefined;
  let inFlight = 0;

  const close = (code: number, reason: string): void => {
    socket.close(code, reason.slice(0, REASON_LENGTH));
    setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref();
  };

  /** The same rules as for a header; the token may come in either place, browsers cannot set headers here. */
  const connect = async (parameters: Readonly<Record<string, unknown>> | undefined): Promise<boolean> => {
    try {
      const verified = await authenticate(authorizationOf(parameters) ?? request.headers.authorization);
      // A socket that went away meanwhile has nobody to watch over.
      if (socket.readyState !== socket.OPEN) return false;
      if (verified === null) return true;
      caller = { ...caller, origin: { ...caller.origin, viewer: verified.viewer }, expiresAt: verified.expiresAt };
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

  const prepare = (
    context: Context<Record<string, unknown>>,
    payload: SubscribePayload,
  ): ExecutionArgs | readonly GraphQLError[] => {
    const now = state();
    if (now.phase !== 'ready') return [coded('SERVICE_UNAVAILABLE', 'The gateway is stopping.')];
    if (Object.keys(context.subscriptions).length > settings.connections.operationsPerSocket) {
      return [
        coded('TOO_MANY_OPERATIONS', `More than ${settings.connections.operationsPerSocket} operations on one socket.`),
      ];
    }
    const preparation = now.prepare(requestOf(payload));
    if (!preparation.ok) return preparation.errors;
    const { prepared } = preparation;
    const scope: OperationScope = { caller: withNewId(caller), prepared };
    return {
      schema: prepared.generation.apiSchema,
      document: prepared.document,
      operationName: payload.operationName,
      contextValue: scope,
    };
  };

  const execute = async (args: ExecutionArgs): Promise<FormattedExecutionResult> => {
    const scope = args.contextValue as OperationScope;
    const now = state();
    if (now.phase !== 'ready')
      return {
        errors: [
          presentError(coded('SERVICE_UNAVAILABLE', 'The gateway is stopping.'), { ...policy, requestId: idOf(scope) }),
        ],
      };
    inFlight += 1;
    try {
      return await now.operations.execute(scope.prepared.request, scope.caller);
    } finally {
      inFlight -= 1;
    }
  };

  const subscribe = (args: ExecutionArgs) => {
    const scope = args.contextValue as OperationScope;
    const now = state();
    const events =
      now.phase === 'ready'
        ? now.subscriptions.open(scope.prepared, {
            caller: scope.caller,
            onOverflow: () => close(CLOSE.tooSlow, 'Events come faster than this client takes them'),
          })
        : [coded('SERVICE_UNAVAILABLE', 'The gateway is stopping.')];
    if ('next' in events) return events;
    return { errors: events.map((error) => presentError(error, { ...policy, requestId: idOf(scope) })) };
  };

  const protocol = makeServer<Record<string, unknown>, undefined>({
    connectionInitWaitTimeout: settings.connections.initTimeoutMs,
    onConnect: ({ connectionParams }) => connect(connectionParams),
    onSubscribe: (context, _id, payload) => prepare(context, payload),
    // Results are formatted already, which the library's types do not foresee.
    execute: execute as never,
    subscribe: subscribe as never,
    onNext: (_context, _id, _payload, _args, result) => result as FormattedExecutionResult,
    onError: (_context, _id, _payload, errors) =>
      errors.map((error) => presentError(error, { ...policy, requestId: caller.origin.requestId })),
  });

  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      // Resolves when the system has taken the frame: that is how a slow client is felt.
      send: (text) =>
        new Promise((resolve) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          socket.send(text, () => resolve());
        }),
      close: (code, reason) => close(code ?? CLOSE.goingAway, reason ?? ''),
      onMessage: (receive) =>
        socket.on('message', (data, isBinary) => {
          if (isBinary) return close(CLOSE.badRequest, 'Only text is spoken here');
          receive((data as Buffer).toString('utf8')).catch((error: unknown) => {
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
  return {
    origin: { viewer: null, requestId, clientIp, userAgent },
    traceparent: traceparentOf(firstOf(headers['traceparent'])),
    expiresAt: null,
  };
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** Each operation on a socket is a request of its own. */
function withNewId(caller: Caller): Caller {
  return { ...caller, origin: { ...caller.origin, requestId: randomUUID() } };
}

function idOf({ caller }: OperationScope): string {
  return caller.origin.requestId;
}

function authorizationOf(parameters: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const entry = Object.entries(parameters ?? {}).find(([name]) => name.toLowerCase() === 'authorization');
  if (entry === undefined) return undefined;
  // Null is what clients send that hold no token; anything else that is no text cannot be a good one.
  return entry[1] === null ? undefined : typeof entry[1] === 'string' ? entry[1] : 'malformed';
}

function requestOf({ query, operationName, variables, extensions }: SubscribePayload) {
  return {
    query,
    ...(operationName === null || operationName === undefined ? {} : { operationName }),
    ...(variables === null || variables === undefined ? {} : { variables }),
    ...(extensions === null || extensions === undefined ? {} : { extensions }),
  };
}

function coded(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

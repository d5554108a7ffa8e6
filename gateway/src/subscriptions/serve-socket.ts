import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError, GraphQLSchema, parse } from 'graphql';
import type { ExecutionArgs, FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { makeServer } from 'graphql-ws';
import type { Context, SubscribePayload } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { authorizationIn } from '../http/authorization-header.js';
import type { OperationRequest } from '../http/exchange.js';
import { forwardedHeaders } from '../http/forwarded-headers.js';
import { Refusal } from '../http/refusal.js';
import type { Prepared, PrepareOperation } from '../planning/prepared-operation.js';
import { admitOperation } from '../security/admit-operation.js';
import type { Caller } from '../security/caller.js';
import { withPermissionsNow } from '../security/permissions-of.js';
import { presentError } from '../security/present-error.js';
import { watchSession } from '../security/session-watch.js';
import type { Parts } from '../stage.js';
import { CLOSE } from './close-codes.js';
import { createBrake, keepAlive } from './keep-socket.js';
import { createOutlet } from './outlet.js';
import { isSubscription } from './prepared-subscription.js';
import type { PreparedSubscription } from './prepared-subscription.js';
import { sessionEndReason } from './session-end-error.js';
import { asRequest, authorizationOf, callerOf, socketHeaders } from './socket-caller.js';
import { failureOf } from './stream-failure.js';
import { subscribeSocket } from './subscribe-socket.js';

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
  const { settings, logger, authenticate, state } = parts;
  const present = (error: Error, { origin }: Caller): GraphQLFormattedError =>
    presentError(error, { production: settings.production, logger, requestId: origin.requestId });
  let caller: Caller = callerOf(request, clientIp);
  let authorization: string | undefined;
  let stopWatching: () => void = () => undefined;
  let inFlight = 0;
  const isOpen = (): boolean => socket.readyState === socket.OPEN;
  const outlet = createOutlet(connection, isOpen);
  const brake = createBrake(socket, connection);

  const close = (code: number, reason: string): void => {
    socket.close(code, reason.slice(0, REASON_LENGTH));
    setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref();
  };

  /** The same rules as for a header; the token may come in either place, browsers cannot set headers here. */
  const connect = async (parameters: Readonly<Record<string, unknown>> | undefined): Promise<boolean> => {
    try {
      authorization = authorizationOf(parameters) ?? authorizationIn(request);
      const known = await authenticate(authorization, caller);
      // A socket that went away meanwhile has nobody to watch over.
      if (!isOpen()) return false;
      const forwarded = forwardedHeaders(socketHeaders(request, parameters), settings.forwardHeaders);
      caller = forwarded === undefined ? known : { ...known, forwarded };
      stopWatching = watchSession(caller, { ...parts, onEnd: (end) => close(CLOSE.forbidden, sessionEndReason(end)) });
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // The library closes with 4403 as well, after this one, whose reason says why.
      close(error.code === 'UNAUTHENTICATED' ? CLOSE.forbidden : CLOSE.tryAgainLater, error.message);
      return false;
    }
  };

  /** With the permissions of this moment: those of an API key only its subgraph knows. */
  const callerNow = async (): Promise<Caller | Refusal> => {
    if (caller.origin.viewer?.kind !== 'api-key') return withPermissionsNow(caller, parts.users);
    try {
      return await authenticate(authorization, caller);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.code === 'UNAUTHENTICATED') close(CLOSE.forbidden, error.message);
      return error;
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
    const known = await callerNow();
    if (known instanceof Refusal) return [known.toGraphQLError()];
    const operationCaller = asRequest(known, parts.tracer);
    const admitted = await admitOperation(requestOf(payload), operationCaller, parts);
    if (admitted instanceof Refusal) {
      operationCaller.span?.end({ error: admitted.code });
      return [admitted.toGraphQLError()];
    }
    const scope = { id, caller: operationCaller, request: admitted };
    const preparation = await prepareOrFail(now.prepare, scope);
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
    } catch (error) {
      return { errors: [present(asError(error), asked.caller)] };
    } finally {
      asked.caller.span?.end();
      inFlight -= 1;
    }
  };

  const subscribe = (args: ExecutionArgs) => {
    const { id, caller: subscriber, subscription } = args.contextValue as OperationScope;
    const now = state();
    // It may last for days: its events have traces of their own.
    subscriber.span?.end();
    if (now.phase !== 'ready' || subscription === undefined) throw stopping();
    return subscribeSocket(subscription, {
      id,
      caller: subscriber,
      outlet,
      subscriptions: now.subscriptions,
      parts,
      onOverflow: () => close(CLOSE.tooSlow, 'Events come faster than this client takes them'),
      onPermissionLost: () => close(CLOSE.forbidden, sessionEndReason('permissions')),
    });
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
          socket.send(text, () => resolve());
        }),
      close: (code, reason) => close(code ?? CLOSE.goingAway, reason ?? ''),
      onMessage: (receive) =>
        socket.on('message', (data, isBinary) => {
          // Whoever is told to go is not listened to any more.
          if (!isOpen()) return;
          brake();
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
  socket.on('ping', brake);
  const stopHeartbeat = keepAlive(socket, settings.connections.heartbeatMs);
  socket.on('error', (error) => logger.debug({ err: error }, 'WebSocket error'));
  socket.once('close', (code, reason) => {
    stopHeartbeat();
    stopWatching();
    void closed(code, String(reason));
  });
  return { isIdle: () => inFlight === 0, close, terminate: () => socket.terminate() };
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

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** A failure of the gateway over one operation is no reason to end the others on the socket. */
async function prepareOrFail(
  prepare: PrepareOperation,
  { request, caller }: { readonly request: OperationRequest; readonly caller: Caller },
): Promise<Prepared> {
  try {
    return await prepare(request, caller);
  } catch (error) {
    return { ok: false, errors: [new GraphQLError('The operation failed.', { originalError: asError(error) })] };
  }
}

function coded(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

function stopping(): GraphQLError {
  return coded('SERVICE_UNAVAILABLE', 'The gateway is stopping.');
}

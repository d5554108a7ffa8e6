import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { correlationOf, requestIdOf, traceparentOf, USER_AGENT_LENGTH } from '../http/name-request.js';
import type { Tracer } from '../observability/tracing.js';
import { anonymousCaller } from '../security/caller.js';
import type { Caller } from '../security/caller.js';

/** Who opened the socket, before it has shown a token. */
export function callerOf({ headers }: IncomingMessage, clientIp: string | null): Caller {
  const requestId = requestIdOf(firstOf(headers['x-request-id']));
  const userAgent = headers['user-agent']?.slice(0, USER_AGENT_LENGTH) ?? null;
  const origin = { requestId, ...correlationOf(firstOf(headers['x-correlation-id'])), clientIp, userAgent };
  return anonymousCaller(origin, traceparentOf(firstOf(headers['traceparent'])));
}

/** As `authorization` may, each header may come in connectionParams instead. */
export function socketHeaders(
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
export function asRequest(caller: Caller, tracer: Tracer | undefined): Caller {
  const requestId = randomUUID();
  const origin = { ...caller.origin, requestId };
  if (tracer === undefined) return { ...caller, origin };
  const span = tracer.startRequest({ name: 'websocket', requestId, traceparent: caller.traceparent });
  return { ...caller, origin, span, traceparent: span.traceparent };
}

/** The token that came with `connection_init`; undefined when none did. */
export function authorizationOf(parameters: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const entry = Object.entries(parameters ?? {}).find(([name]) => name.toLowerCase() === 'authorization');
  if (entry === undefined) return undefined;
  // Null is what clients send that hold no token; anything else that is no text cannot be a good one.
  return entry[1] === null ? undefined : typeof entry[1] === 'string' ? entry[1] : 'malformed';
}

import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { readTraceparent } from '@orion/platform/trace-context';
import { anonymousCaller } from '../security/caller.js';
import { addressOf } from '@orion/platform/address';
import { forwardedHeaders } from './forwarded-headers.js';
import type { Stage } from '../stage.js';

const REQUEST_ID = /^[A-Za-z0-9._:-]{8,128}$/;
/** Characters of a user agent that are kept. */
export const USER_AGENT_LENGTH = 512;

/** Gives the request its ids (the client's, when they are well-formed), notes where it comes from and begins its trace. */
export const nameRequest: Stage = (exchange, { settings, tracer }) => {
  const { headers, request } = exchange;
  exchange.requestId = requestIdOf(headers.get('x-request-id'));
  exchange.replyHeaders.set('x-request-id', exchange.requestId);
  const { method, path, requestId } = exchange;
  const traceparent = traceparentOf(headers.get('traceparent'));
  exchange.caller = anonymousCaller(
    {
      requestId,
      ...correlationOf(headers.get('x-correlation-id')),
      clientIp: clientIpOf(request, settings.trustedProxyHops),
      userAgent: headers.get('user-agent')?.slice(0, USER_AGENT_LENGTH) ?? null,
    },
    traceparent,
    path === '/graphql' ? tracer?.startRequest({ name: `${method} ${path}`, requestId, traceparent }) : undefined,
  );
  const forwarded = forwardedHeaders((name) => headers.get(name), settings.forwardHeaders);
  if (forwarded !== undefined) exchange.caller = { ...exchange.caller, forwarded };
  return undefined;
};

/** Anything else than a plain token could break log lines and headers, so it is replaced. */
export function requestIdOf(sent: string | undefined): string {
  return sent !== undefined && REQUEST_ID.test(sent) ? sent : randomUUID();
}

/** Without one of the client's, the request's own id is the one that links what it causes. */
export function correlationOf(sent: string | undefined): { readonly correlationId?: string } | undefined {
  return sent !== undefined && REQUEST_ID.test(sent) ? { correlationId: sent } : undefined;
}

export function traceparentOf(sent: string | undefined): string | undefined {
  return readTraceparent(sent) ?? undefined;
}

/**
 * The address as the outermost trusted proxy saw it; what stands further left in the header is the client's word. The
 * socket's, when what stands there is no address.
 */
export function clientIpOf(request: IncomingMessage, trustedHops: number): string | null {
  const seen = request.socket.remoteAddress ?? null;
  if (trustedHops === 0) return seen;
  const header = request.headers['x-forwarded-for'];
  const chain = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  return addressOf(chain.at(-trustedHops) ?? chain[0] ?? '') ?? seen;
}

import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Stage } from '../stage.js';

const REQUEST_ID = /^[A-Za-z0-9._:-]{8,128}$/;
/** https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const USER_AGENT_LENGTH = 512;

/** Gives the request its id (the client's, when it is well-formed) and notes where it comes from. */
export const nameRequest: Stage = (exchange, { settings }) => {
  const { headers, request } = exchange;
  exchange.requestId = requestIdOf(headers.get('x-request-id'));
  exchange.replyHeaders.set('x-request-id', exchange.requestId);
  exchange.caller = {
    origin: {
      viewer: null,
      requestId: exchange.requestId,
      clientIp: clientIpOf(request, settings.trustedProxyHops),
      userAgent: headers.get('user-agent')?.slice(0, USER_AGENT_LENGTH) ?? null,
    },
    traceparent: traceparentOf(headers.get('traceparent')),
    expiresAt: null,
  };
  return undefined;
};

/** Anything else than a plain token could break log lines and headers, so it is replaced. */
export function requestIdOf(sent: string | undefined): string {
  return sent !== undefined && REQUEST_ID.test(sent) ? sent : randomUUID();
}

export function traceparentOf(sent: string | undefined): string | undefined {
  return sent !== undefined && TRACEPARENT.test(sent) ? sent : undefined;
}

/** The address as the outermost trusted proxy saw it; what stands further left in the header is the client's word. */
export function clientIpOf(request: IncomingMessage, trustedHops: number): string | null {
  const seen = request.socket.remoteAddress ?? null;
  if (trustedHops === 0) return seen;
  const header = request.headers['x-forwarded-for'];
  const chain = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  return chain.at(-trustedHops) ?? chain[0] ?? seen;
}

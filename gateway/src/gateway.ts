import { randomUUID } from 'node:crypto';
import { answerOperation } from './execution/answer-operation.js';
import { applyCors } from './http/apply-cors.js';
import { dropReservedHeaders } from './http/drop-reserved-headers.js';
import type { Exchange, Reply } from './http/exchange.js';
import { json } from './http/exchange.js';
import { nameRequest } from './http/name-request.js';
import { preventCsrf } from './http/prevent-csrf.js';
import { readBody } from './http/read-body.js';
import { Refusal } from './http/refusal.js';
import { requireGraphqlPath, requireMethod, requireReady } from './http/require-graphql.js';
import { serveHealth } from './http/serve-health.js';
import { serveKeys } from './http/serve-keys.js';
import { servePages } from './http/serve-pages.js';
import { setSecurityHeaders } from './http/set-security-headers.js';
import { authenticateRequest } from './security/authenticate-request.js';
import type { Parts, Stage } from './stage.js';
import { openStream } from './subscriptions/open-stream.js';
import { requireStream } from './subscriptions/require-stream.js';

/**
 * The stages of a request, in order. Each is a file; the first that replies ends the exchange. WebSockets enter beside
 * the table (subscriptions/socket-server.ts) and meet it again in `authenticate`, `prepare` and the executors.
 */
export const STAGES: readonly Stage[] = [
  nameRequest, //         request id, client address, trace
  dropReservedHeaders, // x-orion-* of a client is a forgery
  setSecurityHeaders, //  nosniff, no framing, no scripts
  applyCors, //           allow-list of origins; answers preflights
  serveHealth, //         /health, ?live, ?ready
  serveKeys, //           /.well-known/jwks.json
  servePages, //          /, /sandbox, mounted folders; browsers away from /graphql
  requireGraphqlPath, //  404 for every other path
  requireMethod, //       405 for everything but POST and GET
  requireReady, //        503 before the first composition and while stopping
  preventCsrf, //         400 for what a foreign page can make a browser send
  authenticateRequest, // 401 for a bad access token; none is anonymous
  readBody, //            415, 413, 400
  openStream, //          subscriptions over SSE and multipart
  requireStream, //       406 for a subscription over plain JSON
  answerOperation, //     queries and mutations
];

/** Runs the table. Every outcome is a reply: refusals as they are, anything unforeseen as a masked 500. */
export async function answerExchange(exchange: Exchange, parts: Parts): Promise<Reply> {
  try {
    for (const stage of STAGES) {
      const reply = await stage(exchange, parts);
      if (reply !== undefined) return reply;
    }
    throw new Error('no stage replied');
  } catch (error) {
    const requestId = exchange.requestId || randomUUID();
    if (error instanceof Refusal) {
      return json(
        error.status,
        { errors: [{ message: error.message, extensions: { code: error.code, requestId } }] },
        error.headers,
      );
    }
    parts.logger.error({ err: error, requestId }, 'a request failed unexpectedly');
    return json(500, {
      errors: [{ message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } }],
    });
  }
}

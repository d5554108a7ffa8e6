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
import { servePublicFiles } from './http/serve-public-files.js';
import { setSecurityHeaders } from './http/set-security-headers.js';
import { serveMetrics } from './observability/serve-metrics.js';
import { authenticateRequest } from './security/authenticate-request.js';
import { resolveDocument } from './security/persisted/resolve-document.js';
import { limitClient, limitIdentity } from './security/rate-limit/limit-rate.js';
import type { Parts, Stage } from './stage.js';
import { openStream } from './subscriptions/open-stream.js';

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
  serveMetrics, //        /metrics, where it is not on a port of its own
  serveKeys, //           /.well-known/jwks.json
  servePublicFiles, //    /avatars/..., where a subgraph has them
  servePages, //          /, /sandbox, mounted folders; browsers away from /graphql
  requireGraphqlPath, //  404 for every other path
  requireMethod, //       405 for everything but POST and GET
  requireReady, //        503 before the first composition and while stopping
  preventCsrf, //         400 for what a foreign page can make a browser send
  limitClient, //         429 for too many requests of one address
  authenticateRequest, // 401 for a bad access token; none is anonymous
  limitIdentity, //       429 for too many of one user
  readBody, //            415, 413, 400
  resolveDocument, //     the text of a persisted document; 400 for one that is not allowed
  openStream, //          subscriptions over SSE and multipart
  answerOperation, //     queries and mutations
];

/** Runs the table. Every outcome is a reply: refusals as they are, anything unforeseen as a masked 500. */
export async function answerExchange(exchange: Exchange, parts: Parts): Promise<Reply> {
  try {
    for (const stage of STAGES) {
      const answered = stage(exchange, parts);
      // Most stages answer at once, and waiting costs a turn of the event loop's queue each.
      const reply = answered instanceof Promise ? await answered : answered;
      if (reply !== undefined) return reply;
    }
    throw new Error('no stage replied');
  } catch (error) {
    const requestId = exchange.requestId || randomUUID();
    if (error instanceof Refusal) {
      parts.metrics.refused(error.code);
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

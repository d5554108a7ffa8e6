import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '@orion/platform/log';
import type { ReportExchange } from '../observability/report-exchange.js';
import type { ConnectionLimits } from '../settings.js';
import { openExchange } from './exchange.js';
import type { Exchange, Reply, StreamOutput } from './exchange.js';

/** Node looks for requests that are late only now and then: its own standard is every 30 s. */
const MOST_BETWEEN_CHECKS_MS = 2_000;

/** The HTTP side of the gateway. */
export interface Listener {
  /** Rejects with the system's error, for instance EADDRINUSE. */
  listen(options: { readonly host: string; readonly port: number }): Promise<number>;
  /** Accepts nothing more, lets running exchanges end for `withinMs`, then cuts them off. */
  drain(withinMs: number): Promise<void>;
}

export interface ListenerOptions {
  readonly answer: (exchange: Exchange) => Promise<Reply>;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly report: ReportExchange;
  readonly limits: Pick<ConnectionLimits, 'total' | 'headersMs' | 'requestMs' | 'idleMs' | 'keepAliveMs'>;
  readonly logger: Logger;
}

export function createListener({ answer, upgrade, report, limits, logger }: ListenerOptions): Listener {
  let isDraining = false;
  const server = createServer(
    {
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      headersTimeout: Math.min(limits.headersMs, limits.requestMs),
      connectionsCheckingInterval: Math.min(limits.headersMs / 4, limits.requestMs / 4, MOST_BETWEEN_CHECKS_MS),
    },
    (request, response) => {
      const exchange = openExchange(request);
      const startedAt = performance.now();
      answer(exchange)
        .then((reply) => {
          // A kept connection would outlive the server's willingness to answer on it.
          if (isDraining) exchange.replyHeaders.set('connection', 'close');
          report(exchange, reply.status, startedAt);
          return send(response, exchange, reply);
        })
        .catch((error: unknown) => {
          // `answer` turns failures into replies: what comes here is a connection that broke while it was written.
          logger.debug({ err: error, requestId: exchange.requestId }, 'the reply could not be delivered');
          response.destroy();
        });
    },
  );
  server.maxConnections = limits.total;
  server.setTimeout(limits.idleMs);
  server.on('upgrade', upgrade);
  return {
    listen: async ({ host, port }) => {
      server.listen(port, host);
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    },
    drain: async (withinMs) => {
      isDraining = true;
      await close(server, withinMs);
    },
  };
}

async function close(server: Server, withinMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), withinMs);
  await closed;
  clearTimeout(cut);
}

function send(response: ServerResponse, exchange: Exchange, reply: Reply): Promise<void> | undefined {
  const { body } = reply;
  const headers: string[] = [];
  for (const [name, value] of exchange.replyHeaders) {
    if (reply.headers?.[name] === undefined) headers.push(name, value);
  }
  for (const name in reply.headers) headers.push(name, reply.headers[name] ?? '');
  if (typeof body === 'function') {
    response.writeHead(reply.status, headers);
    response.flushHeaders();
    return stream(response, body);
  }
  if (body !== null) headers.push('content-length', String(Buffer.byteLength(body)));
  // All at once: each header set by itself would be looked up and checked again when they are written.
  response.writeHead(reply.status, headers);
  // Text leaves in one piece with its head.
  response.end(exchange.method === 'HEAD' || body === null ? undefined : body);
  return undefined;
}

async function stream(response: ServerResponse, body: (output: StreamOutput) => Promise<void>): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const write = async (chunk: string | Buffer): Promise<void> => {
    if (gone.signal.aborted || response.write(chunk)) return;
    await new Promise<void>((resolve) => {
      const settled = (): void => {
        response.off('drain', settled);
        response.off('close', settled);
        resolve();
      };
      response.on('drain', settled).on('close', settled);
    });
  };
  try {
    await body({ write, writable: response, gone: gone.signal });
  } finally {
    response.end();
  }
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '@orion/platform/log';
import { openExchange } from './exchange.js';
import type { Exchange, Reply, StreamOutput } from './exchange.js';

/** A whole request, body included, must have arrived by then: slow senders hold no connection. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;

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
  readonly logger: Logger;
}

export function createListener({ answer, upgrade, logger }: ListenerOptions): Listener {
  let isDraining = false;
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS },
    (request, response) => {
      const exchange = openExchange(request);
      const startedAt = performance.now();
      answer(exchange)
        .then((reply) => {
          // A kept connection would outlive the server's willingness to answer on it.
          if (isDraining) response.setHeader('connection', 'close');
          return send(response, exchange, reply);
        })
        .catch((error: unknown) => {
          // `answer` turns failures into replies: what comes here is a connection that broke while it was written.
          logger.debug({ err: error, requestId: exchange.requestId }, 'the reply could not be delivered');
          response.destroy();
        })
        .finally(() => {
          const ms = Math.round(performance.now() - startedAt);
          const { method, path, requestId } = exchange;
          logger.debug({ requestId, method, path, status: response.statusCode, ms }, 'request');
        });
    },
  );
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

async function send(response: ServerResponse, exchange: Exchange, reply: Reply): Promise<void> {
  for (const [name, value] of exchange.replyHeaders) response.setHeader(name, value);
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  const { body } = reply;
  if (body === null || typeof body === 'string' || Buffer.isBuffer(body)) {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    if (bytes !== null) response.setHeader('content-length', bytes.length);
    response.writeHead(reply.status);
    response.end(exchange.method === 'HEAD' ? undefined : (bytes ?? undefined));
    return;
  }
  response.writeHead(reply.status);
  response.flushHeaders();
  await stream(response, body);
}

async function stream(response: ServerResponse, body: (output: StreamOutput) => Promise<void>): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const write = async (text: string): Promise<void> => {
    if (gone.signal.aborted || response.write(text)) return;
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
    await body({ write, gone: gone.signal });
  } finally {
    response.end();
  }
}

import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A server on a free port that behaves as the test says. */
export interface RawServer {
  readonly url: string;
  readonly port: number;
  /** Requests (of an HTTP server) or connections (of a bare one) so far. */
  count(): number;
  /** Connections open now. */
  open(): number;
  /** Connections that have ended. */
  closed(): number;
  stop(): Promise<void>;
}

/** Speaks whatever bytes it is told to: `answer` gets the socket once a request's head has arrived. */
export function startRawServer(answer: (socket: Socket, count: number) => void): Promise<RawServer> {
  let count = 0;
  const server = createServer((socket) => {
    // A test that resets or floods a connection does it on purpose.
    socket.on('error', () => socket.destroy());
    socket.once('data', () => answer(socket, (count += 1)));
  });
  return listen(server, () => count);
}

/** Speaks HTTP and no GraphQL but what it is told to; `count` is the number of the request, from 1. */
export function startHttpServer(
  answer: (
    response: ServerResponse,
    received: { readonly request: IncomingMessage; readonly body: string; readonly count: number },
  ) => void,
): Promise<RawServer> {
  let count = 0;
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(response, { request, body: Buffer.concat(chunks).toString(), count: (count += 1) }));
  });
  return listen(server, () => count);
}

async function listen(server: Server, count: () => number): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let ended = 0;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      ended += 1;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    port,
    count,
    open: () => sockets.size,
    closed: () => ended,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

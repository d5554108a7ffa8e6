import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

/** A request as the subgraph received it. */
export interface ReceivedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real subgraph on a real port: HTTP and graphql-transport-ws, with everything it received kept. */
export interface TestSubgraph {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly sdl: string;
  readonly requests: ReceivedRequest[];
  /** connectionParams of each WebSocket that was opened. */
  readonly connections: (Readonly<Record<string, unknown>> | undefined)[];
  /** Subscriptions running now. */
  liveSubscriptions(): number;
  /** Breaks every WebSocket without a word. */
  dropConnections(): void;
  /** From now on requests over HTTP are received and not answered. */
  hold(): void;
  stop(): Promise<void>;
}

export interface TestSubgraphOptions {
  readonly name: string;
  readonly sdl: string;
  readonly resolvers: Readonly<Record<string, unknown>>;
  readonly port?: number;
}

export async function startTestSubgraph({
  name,
  sdl,
  resolvers,
  port = 0,
}: TestSubgraphOptions): Promise<TestSubgraph> {
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as never }]);
  const requests: ReceivedRequest[] = [];
  const connections: (Readonly<Record<string, unknown>> | undefined)[] = [];
  let live = 0;
  let isHeld = false;
  const server = createServer((request, response) => {
    void (async () => {
      const body = await readAll(request);
      requests.push({ headers: request.headers, body });
      if (isHeld) return;
      const { query, variables, operationName } = JSON.parse(body) as {
        query: string;
        variables?: object;
        operationName?: string;
      };
      const result = await graphql({
        schema,
        source: query,
        variableValues: variables as never,
        operationName: operationName ?? null,
        contextValue: { headers: request.headers, body },
      });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(result));
    })();
  });
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  const disposable = useServer(
    {
      schema,
      context: ({ connectionParams }) => ({ connectionParams }),
      onConnect: ({ connectionParams }) => void connections.push(connectionParams),
      onOperation: () => void (live += 1),
      onComplete: () => void (live -= 1),
    },
    sockets,
  );
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    name,
    url: `http://127.0.0.1:${address.port}/graphql`,
    port: address.port,
    sdl,
    requests,
    connections,
    liveSubscriptions: () => live,
    dropConnections: () => sockets.clients.forEach((socket) => socket.terminate()),
    hold: () => {
      isHeld = true;
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      await disposable.dispose();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { runService } from '@orion/platform/lifecycle';
import { graphql, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { RESOLVERS, sdlOf } from './graph.js';
import type { SubgraphName } from './graph.js';

/** A subgraph in a process of its own: `subgraph.js NAME`. It serves its newest edition; an older client asks for less. */
await runService(async () => {
  const name = process.argv[2] as SubgraphName;
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdlOf(name, 1)), resolvers: RESOLVERS[name] as never }]);
  const server = createServer((request, response) => {
    void (async () => {
      const { query, variables } = JSON.parse(await readAll(request)) as { query: string; variables?: object };
      const result = await graphql({ schema, source: query, variableValues: variables as never });
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
    })();
  });
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  const disposable = useServer({ schema }, sockets);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on no port');
  return {
    port: address.port,
    stop: async () => {
      await disposable.dispose();
      server.closeAllConnections();
      server.close();
    },
  };
});

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestSubgraph } from './test-subgraph.js';

/** A subgraph in whose place something answers that means harm, or is broken. */
export interface HostileSubgraph extends Pick<TestSubgraph, 'name' | 'url' | 'sdl'> {
  /** What it answers from now on; it may also never answer. */
  answerWith(answer: (response: ServerResponse, body: string) => void): void;
  /** Requests so far. */
  requests(): number;
  stop(): Promise<void>;
}

export async function startHostileSubgraph({
  name,
  sdl,
}: {
  readonly name: string;
  readonly sdl: string;
}): Promise<HostileSubgraph> {
  let answer: (response: ServerResponse, body: string) => void = (response) => void response.end();
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => answer(response, Buffer.concat(chunks).toString('utf8')));
    // Clients that give up reset the connection.
    response.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    name,
    sdl,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    answerWith: (next) => (answer = next),
    requests: () => requests,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execute, GraphQLError, parse, validate } from 'graphql';
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql';

/** A request that a subgraph received. */
export interface SubgraphRequest {
  readonly subgraph: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What a hosted subgraph runs. */
export interface HostedSubgraph {
  readonly schema: GraphQLSchema;
  readonly rootValue: unknown;
}

/** Subgraphs in one HTTP server of this process, each at `/NAME`. */
export interface SubgraphHost {
  urlOf(name: string): string;
  serve(name: string, subgraph: HostedSubgraph): void;
  /** Answers a subgraph's requests from here on with these bytes, whatever was asked; undefined ends that. */
  answerWith(name: string, answer: CannedAnswer | undefined): void;
  /** What was asked since it was emptied last. */
  readonly requests: SubgraphRequest[];
  stop(): Promise<void>;
}

/** Bytes instead of an execution; `cut` breaks the connection without an answer. */
export type CannedAnswer = { readonly status?: number; readonly body: string } | 'cut';

export async function startSubgraphHost(): Promise<SubgraphHost> {
  const subgraphs = new Map<string, HostedSubgraph & { readonly documents: Map<string, Checked> }>();
  const canned = new Map<string, CannedAnswer>();
  const requests: SubgraphRequest[] = [];
  const server = createServer((request, response) => void answer(request, response));
  server.keepAliveTimeout = 60_000;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const name = (request.url ?? '/').slice(1);
    const asked = JSON.parse(await readAll(request)) as Pick<SubgraphRequest, 'query'> & Partial<SubgraphRequest>;
    const { query } = asked;
    const variables = asked.variables ?? {};
    requests.push({ subgraph: name, query, variables });
    const fixed = canned.get(name);
    if (fixed === 'cut') return void request.socket.destroy();
    response.setHeader('content-type', 'application/json');
    if (fixed !== undefined) {
      response.statusCode = fixed.status ?? 200;
      return void response.end(fixed.body);
    }
    const subgraph = subgraphs.get(name);
    if (subgraph === undefined) {
      response.statusCode = 404;
      return void response.end('{}');
    }
    const checked = subgraph.documents.get(query) ?? check(query, subgraph.schema);
    subgraph.documents.set(query, checked);
    const result: ExecutionResult =
      'errors' in checked
        ? checked
        : await execute({
            schema: subgraph.schema,
            document: checked,
            rootValue: subgraph.rootValue,
            variableValues: variables,
          });
    response.end(JSON.stringify(result));
  };

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (name) => `http://127.0.0.1:${port}/${name}`,
    serve: (name, subgraph) => void subgraphs.set(name, { ...subgraph, documents: new Map() }),
    answerWith: (name, fixed) => void (fixed === undefined ? canned.delete(name) : canned.set(name, fixed)),
    requests,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

type Checked = DocumentNode | { readonly errors: readonly GraphQLError[] };

function check(query: string, schema: GraphQLSchema): Checked {
  try {
    const document = parse(query, { noLocation: true });
    const errors = validate(schema, document);
    return errors.length > 0 ? { errors } : document;
  } catch (error) {
    return { errors: [error instanceof GraphQLError ? error : new GraphQLError(String(error))] };
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

import { randomBytes } from 'node:crypto';
import { uuidv7 } from '../ids/index.js';
import { CONTEXT_HEADER, signContext } from '../identity/index.js';
import type { Viewer } from '../identity/index.js';
import type { SharedSubgraphConfig } from '../config/index.js';
import { startSubgraph } from '../subgraph/index.js';
import type { SubgraphDefinition } from '../subgraph/index.js';
import { createTestDatabase } from './test-database.js';

/** An answer of the subgraph, as the gateway would see it. */
export interface TestAnswer {
  readonly status: number;
  // The shape is the query's business; a test reads what it asked for.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
  readonly errors: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Record<string, unknown>;
  }[];
  /** SQL statements that answering took. */
  readonly statements: number;
}

/** A subgraph that runs in this process, with databases of its own. */
export interface TestSubgraph {
  readonly url: string;
  readonly databaseUrl: string;
  readonly busUrl: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Sends a signed query, as the gateway does. */
  query(
    document: string,
    options?: { readonly variables?: Readonly<Record<string, unknown>>; readonly viewer?: Viewer | null },
  ): Promise<TestAnswer>;
  /** A signed context for a WebSocket or a request made by hand. */
  sign(body: string, viewer: Viewer | null): Promise<string>;
  /** Stops it and starts it again over the same databases, with a changed environment. */
  restart(changes?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a subgraph on a free port over fresh databases; `environment` adds to or replaces what it needs. */
export async function startTestSubgraph<Config extends SharedSubgraphConfig>(
  definition: SubgraphDefinition<Config>,
  environment: Readonly<Record<string, string>> = {},
): Promise<TestSubgraph> {
  const [database, bus] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  const secret = randomBytes(32).toString('base64');
  const complete = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    PORT: '0',
    DATABASE_URL: database.url,
    BUS_DATABASE_URL: bus.url,
    ORION_CONTEXT_SECRET: secret,
    ORION_SEALING_KEY: randomBytes(32).toString('base64'),
    ...environment,
  };
  let running = await startSubgraph(definition, complete);
  const { port } = running;
  const url = `http://127.0.0.1:${port}/graphql`;
  const sign = (body: string, viewer: Viewer | null) =>
    signContext(
      { viewer, requestId: uuidv7(), clientIp: '127.0.0.1', userAgent: 'test' },
      { secret, audience: definition.name, body },
    );
  return {
    url,
    databaseUrl: database.url,
    busUrl: bus.url,
    environment: complete,
    sign,
    async query(document, { variables = {}, viewer = null } = {}) {
      const body = JSON.stringify({ query: document, variables });
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [CONTEXT_HEADER]: await sign(body, viewer) },
        body,
      });
      const { data, errors = [] } = (await response.json()) as Pick<TestAnswer, 'data'> & {
        errors?: TestAnswer['errors'];
      };
      return {
        status: response.status,
        data,
        errors,
        statements: Number(response.headers.get('x-orion-sql-statements')),
      };
    },
    async restart(changes = {}) {
      await running.stop();
      running = await startSubgraph(definition, { ...complete, PORT: String(port), ...changes });
    },
    async stop() {
      await running.stop();
      await Promise.all([database.drop(), bus.drop()]);
    },
  };
}

import { createLogger } from '@orion/platform/log';
import { createGateway } from '../create-gateway.js';
import type { Gateway } from '../create-gateway.js';
import type { GatewayOptions } from '../settings.js';
import { composeSupergraph } from '../supergraph/compose.js';
import type { TestSubgraph } from './test-subgraph.js';

/** A gateway on a free port, and ways to ask it. */
export interface TestGateway {
  readonly gateway: Gateway;
  readonly url: string;
  readonly endpoint: string;
  readonly socketUrl: string;
  /** POST /graphql with JSON; the parsed answer. */
  ask(query: string, options?: AskOptions): Promise<Answer>;
  stop(): Promise<void>;
}

export interface AskOptions {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Record<string, unknown> | null | undefined;
  readonly errors: readonly AnswerError[] | undefined;
}

export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** Silent unless `ORION_TEST_LOG` names a level. */
export const testLogger = createLogger('gateway-test', { level: process.env['ORION_TEST_LOG'] ?? 'silent' });

export async function startTestGateway(
  options: Omit<GatewayOptions, 'logger'> & Partial<Pick<GatewayOptions, 'logger'>>,
): Promise<TestGateway> {
  const gateway = createGateway({ port: 0, logger: testLogger, ...options });
  const { url } = await gateway.start().catch(async (error: unknown) => {
    await gateway.stop();
    throw error;
  });
  const endpoint = `${url}/graphql`;
  return {
    gateway,
    url,
    endpoint,
    socketUrl: endpoint.replace('http', 'ws'),
    ask: (query, askOptions) => ask(endpoint, query, askOptions),
    stop: () => gateway.stop(),
  };
}

/** The composed supergraph of running subgraphs. */
export function compose(subgraphs: readonly TestSubgraph[]): Promise<string> {
  return composeSupergraph(subgraphs.map(({ name, url, sdl }) => ({ name, url, sdl, origin: name })));
}

async function ask(endpoint: string, query: string, { variables, headers }: AskOptions = {}): Promise<Answer> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as Pick<Answer, 'data' | 'errors'>;
  return { status: response.status, headers: response.headers, data, errors };
}

/** A logger whose errors and warnings can be waited for. */
export function recordingLogger(): { readonly logger: typeof testLogger; readonly lines: string[] } {
  const lines: string[] = [];
  const logger = testLogger.child({});
  const record = (details: unknown, message?: string): void =>
    void lines.push(`${message ?? ''} ${JSON.stringify(details)}`);
  logger.error = record;
  logger.warn = record;
  return { logger, lines };
}

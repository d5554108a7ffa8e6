import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { HeaderMap } from '@apollo/server';
import type { ApolloServer } from '@apollo/server';
import { countStatements } from '../database/index.js';
import { runCausedBy } from '../events/index.js';
import { CONTEXT_HEADER, ContextRefusedError, verifyContext } from '../identity/index.js';
import type { RequestOrigin } from '../identity/index.js';
import type { Logger } from '../log/index.js';
import type { MetricsPage } from '../metrics/index.js';
import { readTraceparent } from '../trace-context/index.js';
import type { Assembly, PublicFile } from './define-subgraph.js';
import { BodyTooLargeError, readBody } from './read-body.js';
import type { ContextFactory, SubgraphContext } from './subgraph-context.js';

/** The gateway limits what clients send; this limits what a batch of representations may grow to. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;
const METRICS_PATH = '/metrics';

export interface SubgraphHttpOptions {
  readonly name: string;
  readonly apollo: ApolloServer<SubgraphContext>;
  readonly contextOf: ContextFactory;
  readonly contextSecret: string;
  readonly logger: Logger;
  readonly production: boolean;
  readonly routes: Readonly<Record<string, () => unknown>>;
  readonly files: NonNullable<Assembly['files']>;
  /** What GET /metrics answers; undefined when metrics are off. */
  readonly metricsPage: (() => Promise<MetricsPage>) | undefined;
}

/** Serves POST /graphql to holders of a signed context and to nobody else, plus the subgraph's public GET routes. */
export function createSubgraphServer(options: SubgraphHttpOptions): Server {
  return createServer((request, response) => {
    serve(request, response, options).catch((error: unknown) => {
      options.logger.error({ err: error }, 'request failed outside GraphQL');
      if (response.headersSent) response.destroy();
      else refuse(response, { status: 500, code: 'INTERNAL_SERVER_ERROR', message: 'Internal server error' });
    });
  });
}

async function serve(request: IncomingMessage, response: ServerResponse, options: SubgraphHttpOptions): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://subgraph').pathname;
  const route = request.method === 'GET' ? options.routes[path] : undefined;
  if (route !== undefined) return sendJson(response, 200, await route());
  if (request.method === 'GET') {
    const folder = Object.keys(options.files).find((prefix) => path.startsWith(prefix));
    if (folder !== undefined) return sendFile(response, await options.files[folder]?.(path.slice(folder.length)));
  }
  if (request.method === 'GET' && path === METRICS_PATH && options.metricsPage !== undefined)
    return sendMetrics(response, await options.metricsPage());
  try {
    const body = await readBody(request, { limit: BODY_LIMIT_BYTES });
    const origin = await verifyContext(headerOf(request, CONTEXT_HEADER), {
      secret: options.contextSecret,
      audience: options.name,
      body,
    });
    if (path !== '/graphql')
      return refuse(response, { status: 404, code: 'NOT_FOUND', message: 'Only /graphql is served.' });
    await execute(request, response, { options, origin, body });
  } catch (error) {
    if (error instanceof ContextRefusedError) {
      options.logger.warn({ reason: error.message, path }, 'request without a valid signed context refused');
      return refuse(response, {
        status: 401,
        code: 'UNAUTHENTICATED',
        message: 'This subgraph only answers its gateway.',
      });
    }
    if (error instanceof BodyTooLargeError) {
      return refuse(response, { status: 413, code: 'BAD_REQUEST', message: error.message });
    }
    throw error;
  }
}

async function execute(
  request: IncomingMessage,
  response: ServerResponse,
  {
    options,
    origin,
    body,
  }: { readonly options: SubgraphHttpOptions; readonly origin: RequestOrigin; readonly body: string },
): Promise<void> {
  const parsed = parseJson(body);
  if (parsed === undefined)
    return refuse(response, { status: 400, code: 'BAD_REQUEST', message: 'The body is not JSON.' });
  const cause = {
    correlationId: origin.correlationId ?? origin.requestId,
    causationId: origin.requestId,
    actorId: origin.viewer?.userId ?? null,
    traceparent: readTraceparent(headerOf(request, 'traceparent')),
  };
  const { result, statements } = await countStatements(() =>
    runCausedBy(cause, () =>
      options.apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: request.method ?? 'POST', headers: headersOf(request), search: '', body: parsed },
        context: () => Promise.resolve(options.contextOf(origin, 'once')),
      }),
    ),
  );
  if (result.body.kind !== 'complete') throw new Error('a subgraph does not answer in parts');
  for (const [name, value] of result.headers) response.setHeader(name, value);
  // For the engineer who hunts an N+1: how many SQL statements this fetch cost.
  if (!options.production) response.setHeader('x-orion-sql-statements', String(statements));
  response.writeHead(result.status ?? 200);
  response.end(result.body.string);
}

function headersOf(request: IncomingMessage): HeaderMap {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON is the caller's fault, and is answered as such.
    return undefined;
  }
}

function refuse(
  response: ServerResponse,
  { status, code, message }: { readonly status: number; readonly code: string; readonly message: string },
): void {
  sendJson(response, status, { errors: [{ message, extensions: { code } }] });
}

function sendMetrics(response: ServerResponse, { contentType, text }: MetricsPage): void {
  response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' });
  response.end(text);
}

function sendFile(response: ServerResponse, file: PublicFile | null | undefined): void {
  if (file === null || file === undefined)
    return refuse(response, { status: 404, code: 'NOT_FOUND', message: 'There is no such file.' });
  response.writeHead(200, {
    'content-type': file.contentType,
    'cache-control': file.cacheControl,
    'x-content-type-options': 'nosniff',
  });
  response.end(file.body);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

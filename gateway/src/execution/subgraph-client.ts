import { CONTEXT_HEADER, signContext } from '@orion/platform/identity';
import type { Logger } from '@orion/platform/log';
import { GraphQLError } from 'graphql';
import { Agent, request } from 'undici';
import type { Caller } from '../security/caller.js';

/** A subgraph as the supergraph names it. */
export interface SubgraphAddress {
  readonly name: string;
  readonly url: string;
}

export interface SubgraphRequest {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** A GraphQL response as it came; nothing in it is trusted to have the right shape below the top. */
export interface SubgraphAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly SubgraphErrorJson[];
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** SQL statements that the answer took, when the subgraph tells: it does in development. */
  readonly sqlStatements?: number;
}

export interface SubgraphErrorJson {
  readonly message?: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Sends one operation to one subgraph. Throws a GraphQLError with a `SUBREQUEST_*` code that names the subgraph. */
export interface SubgraphClient {
  send(subgraph: SubgraphAddress, operation: SubgraphRequest, caller: Caller): Promise<SubgraphAnswer>;
  close(): Promise<void>;
}

export interface SubgraphClientOptions {
  /** Signs who is calling; undefined for subgraphs that are not to be told. */
  readonly contextSecret: string | undefined;
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/** A subgraph reports with it what a fetch cost, and the gateway what the whole operation did: for whoever hunts an N+1. */
export const STATEMENTS_HEADER = 'x-orion-sql-statements';

/** More than any sane answer: beyond it a subgraph is not allowed to fill the gateway's memory. */
const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024;

export function createSubgraphClient({ contextSecret, timeoutMs, logger }: SubgraphClientOptions): SubgraphClient {
  const agent = new Agent({ connect: { timeout: timeoutMs } });

  const post = async (subgraph: SubgraphAddress, body: string, caller: Caller): Promise<SubgraphAnswer> => {
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      'x-request-id': caller.origin.requestId,
    };
    if (caller.traceparent !== undefined) headers['traceparent'] = caller.traceparent;
    if (contextSecret !== undefined) {
      // Signed over the very string that is sent: the subgraph hashes what it receives.
      headers[CONTEXT_HEADER] = await signContext(caller.origin, {
        secret: contextSecret,
        audience: subgraph.name,
        body,
      });
    }
    const response = await request(subgraph.url, {
      method: 'POST',
      headers,
      body,
      dispatcher: agent,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer = toAnswer(await readText(response.body), response.statusCode);
    const statements = Number(response.headers[STATEMENTS_HEADER]);
    return Number.isNaN(statements) ? answer : { ...answer, sqlStatements: statements };
  };

  return {
    send: async (subgraph, operation, caller) => {
      try {
        return await post(subgraph, JSON.stringify(operation), caller);
      } catch (error) {
        logger.warn(
          { err: error, subgraph: subgraph.name, url: subgraph.url, requestId: caller.origin.requestId },
          'a subgraph request failed',
        );
        throw failure(subgraph.name, error);
      }
    },
    close: () => agent.destroy(),
  };
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > ANSWER_LIMIT_BYTES) throw new Error(`the answer is longer than ${ANSWER_LIMIT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** GraphQL errors are passed on whatever the status, because they say more than it does. */
function toAnswer(text: string, status: number): SubgraphAnswer {
  const value = parse(text);
  const isAnswer =
    typeof value === 'object' && value !== null && ('data' in value || Array.isArray((value as SubgraphAnswer).errors));
  if (!isAnswer) throw new Error(`HTTP ${status} without a GraphQL answer`);
  const answer = value as SubgraphAnswer;
  if (
    answer.data !== undefined &&
    answer.data !== null &&
    (typeof answer.data !== 'object' || Array.isArray(answer.data))
  ) {
    throw new Error('`data` of the answer is not an object');
  }
  if (status >= 300 && (answer.errors?.length ?? 0) === 0) throw new Error(`HTTP ${status}`);
  return answer;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // What was not JSON is reported by the caller together with the status.
    return undefined;
  }
}

function failure(subgraph: string, cause: unknown): GraphQLError {
  const {
    name = '',
    code = '',
    message = '',
  } = cause as { readonly name?: string; readonly code?: string; readonly message?: string };
  const isTimeout = name === 'TimeoutError' || code.includes('TIMEOUT');
  // Both families of an address refusing make an AggregateError with an empty message.
  const reason = isTimeout ? 'it did not answer in time' : message || code || name;
  return new GraphQLError(`The subgraph "${subgraph}" could not be asked: ${reason}.`, {
    extensions: { code: isTimeout ? 'SUBREQUEST_TIMEOUT' : 'SUBREQUEST_HTTP_ERROR', serviceName: subgraph },
    originalError: cause instanceof Error ? cause : null,
  });
}

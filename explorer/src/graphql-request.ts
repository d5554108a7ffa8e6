import type { FetcherParams } from '@graphiql/toolkit';
import type { ExecutionResult } from 'graphql';

/** Where the gateway that serves this page answers. */
export const ENDPOINT = new URL('/graphql', location.href).href;

export interface HttpAnswer {
  readonly status: number;
  readonly result: ExecutionResult;
}

/** One query or mutation (https://graphql.github.io/graphql-over-http/draft/). Throws for an answer that is no JSON. */
export async function postOperation(
  { query, variables, operationName }: FetcherParams,
  headers: Readonly<Record<string, string>>,
): Promise<HttpAnswer> {
  const response = await fetch(ENDPOINT, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json, application/json;q=0.9',
      ...headers,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query, variables, operationName }),
  });
  const text = await response.text();
  try {
    return { status: response.status, result: JSON.parse(text) as ExecutionResult };
  } catch {
    throw new Error(`The server answered ${response.status} with something that is not JSON: ${text.slice(0, 200)}`);
  }
}

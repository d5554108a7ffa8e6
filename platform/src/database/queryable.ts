import type { Client, QueryConfig, QueryResult, QueryResultRow } from 'pg';

/** What takes a query: a pool, a client, a session. */
export interface Queryable {
  query<Row extends QueryResultRow>(query: string | QueryConfig, values?: unknown[]): Promise<QueryResult<Row>>;
}

/** What pg says when no answer came within the `query_timeout` of a connection. */
const NO_ANSWER = 'Query read timeout';

/**
 * The queries of several on one connection, one after the other: pg 9 will refuse what is asked while it is busy. A
 * connection that gives no answer is closed, so that those in the queue do not find that out one by one.
 */
export function oneByOne(client: Client): Queryable {
  let last: Promise<unknown> = Promise.resolve();
  return {
    query<Row extends QueryResultRow>(query: string | QueryConfig, values?: unknown[]): Promise<QueryResult<Row>> {
      const answer = last.then(() => client.query<Row>(query, values));
      last = answer.catch((error: unknown) => {
        // Whoever asked learns of every failure; the next one is not concerned by others.
        if (error instanceof Error && error.message === NO_ANSWER) client.connection.stream.destroy();
      });
      return answer;
    },
  };
}

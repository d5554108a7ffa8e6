import type { Caller } from '../security/caller.js';

/** A subgraph as the supergraph names it. */
export interface SubgraphAddress {
  readonly name: string;
  readonly url: string;
}

/** One request to one subgraph, ready to be sent. */
export interface SubgraphCall {
  readonly subgraph: SubgraphAddress;
  /** The request as JSON text: `{"query":...,"operationName":...,"variables":...}`. What is signed and what is sent are these very bytes. */
  readonly body: string;
  /** A query may be sent again after a failure, and shared with an equal one that is under way; a mutation neither. */
  readonly kind: 'query' | 'mutation';
  readonly caller: Caller;
  /** `performance.now()` at which the whole operation is given up; the subgraph's own timeout may come earlier. */
  readonly deadline: number;
  /** Whether the receiver changes the answer's data, which it shares with others otherwise; standard is no. */
  readonly isOwned?: boolean;
}

/** A GraphQL response as it came; nothing in it is trusted to have the right shape below the top. */
export interface SubgraphAnswer {
  /** Not to be changed, unless the call asked for data of its own. */
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

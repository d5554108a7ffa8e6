import type { DocumentNode, GraphQLError } from 'graphql';
import type { Executable } from '../execution/executable.js';
import type { OperationRequest } from '../http/exchange.js';
import type { Caller } from '../security/caller.js';
import type { Generation } from './generations.js';

/** An operation that may run: parsed, within the limits, valid on its generation, its variables coerced, planned. */
export interface PreparedOperation {
  readonly request: OperationRequest;
  readonly generation: Generation;
  /** As the client sent it. */
  readonly document: DocumentNode;
  /** As the document calls it. */
  readonly name: string | undefined;
  /** With defaults. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Equal operations of equally entitled callers on one generation have the very same one. */
  readonly executable: Executable;
}

export type Prepared =
  | { readonly ok: true; readonly prepared: PreparedOperation }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

/**
 * Prepares an operation on the newest supergraph; at once when it is known. What is wrong with it is in the answer;
 * throws or rejects for a failure of the gateway alone.
 */
export type PrepareOperation = (request: OperationRequest, caller: Caller) => Promise<Prepared> | Prepared;

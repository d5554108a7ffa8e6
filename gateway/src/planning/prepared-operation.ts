import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import type { OperationRequest } from '../http/exchange.js';
import type { Generation } from './generation.js';

/** An operation that may run: parsed, within the limits, valid on its generation, its variables coerced. */
export interface PreparedOperation {
  readonly request: OperationRequest;
  readonly generation: Generation;
  /** What the client sent; of a subscription only what it selects with these variables. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** With defaults. */
  readonly variables: Readonly<Record<string, unknown>>;
}

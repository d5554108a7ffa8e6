import { GraphQLError, Kind } from 'graphql';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { measureCost } from './measure-cost.js';
import type { CostScope } from './measure-cost.js';

export interface CostLimit extends Pick<CostScope, 'schema' | 'variables'> {
  readonly document: DocumentNode;
  /** `MAX_NODES` */
  readonly nodes: number;
}

/** The error for an operation whose answer may grow beyond the limit with these variables; undefined when it may not. */
export function refuseCost(
  operation: OperationDefinitionNode,
  { document, schema, variables, nodes }: CostLimit,
): GraphQLError | undefined {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  const cost = measureCost(operation, { schema, variables, fragmentOf: (name) => fragments.get(name) });
  if (cost <= nodes) return undefined;
  return new GraphQLError(
    `The operation may bring ${cost} fields, allowed are ${nodes}. ` +
      'Ask for smaller pages (`first`), fewer lists inside lists, or in several operations.',
    // `http` is Apollo's way to a status, and is taken off again before the error leaves.
    { nodes: [operation], extensions: { code: 'COST_LIMIT_EXCEEDED', http: { status: 400 } } },
  );
}

import { GraphQLError, Kind } from 'graphql';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { measureCost } from './measure-cost.js';
import type { CostScope, MeasuredCost } from './measure-cost.js';

export interface CostLimit extends Pick<CostScope, 'schema' | 'variables'> {
  readonly document: DocumentNode;
  /** `MAX_NODES`: fields that the answer may have. It bounds what one answer takes, in every graph. */
  readonly nodes: number;
  /** `MAX_COST`: by the weights that the graph gives its fields. It bounds what an answer takes to find. */
  readonly cost?: number | undefined;
}

/** What came of checking an operation. */
export interface CostVerdict extends MeasuredCost {
  /** Undefined when the operation may run. */
  readonly refusal: GraphQLError | undefined;
}

/** Measures the operation against the limits; a static verdict holds for all variables and need not be asked for again. */
export function checkCost(operation: OperationDefinitionNode, limit: CostLimit): CostVerdict {
  const fragments = new Map(
    limit.document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  const measured = measureCost(operation, {
    schema: limit.schema,
    variables: limit.variables,
    fragmentOf: (name) => fragments.get(name),
  });
  return { ...measured, refusal: measured.errors[0] ?? refusalOf(operation, { measured, limit }) };
}

function refusalOf(
  operation: OperationDefinitionNode,
  { measured, limit }: { readonly measured: MeasuredCost; readonly limit: CostLimit },
): GraphQLError | undefined {
  const advice = 'Ask for smaller pages (`first`), fewer lists inside lists, or in several operations.';
  if (measured.nodes > limit.nodes)
    return tooLarge(
      operation,
      `The operation may bring ${measured.nodes} fields, allowed are ${limit.nodes}. ${advice}`,
    );
  if (measured.cost > (limit.cost ?? Infinity))
    return tooLarge(operation, `The operation may cost ${measured.cost}, allowed is ${limit.cost}. ${advice}`);
  return undefined;
}

function tooLarge(operation: OperationDefinitionNode, message: string): GraphQLError {
  // `http` is Apollo's way to a status, and is taken off again before the error leaves.
  return new GraphQLError(message, {
    nodes: [operation],
    extensions: { code: 'COST_LIMIT_EXCEEDED', http: { status: 400 } },
  });
}

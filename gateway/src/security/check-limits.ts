import { GraphQLError, Kind } from 'graphql';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { MOST_COMPARISONS } from './limits.js';
import type { OperationLimits } from './limits.js';
import { measureOperation } from './measure-operation.js';
import type { OperationSize } from './measure-operation.js';

/**
 * What is too large in a document, and which sensitive root fields are used more than once. To be asked before the
 * document is validated, which can take far longer than its length: graphql-js compares repeated fields each with each.
 */
export function checkLimits(
  document: DocumentNode,
  { limits, oncePerOperation }: { readonly limits: OperationLimits; readonly oncePerOperation: readonly string[] },
): readonly GraphQLError[] {
  const errors: GraphQLError[] = [];
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  let comparisons = 0;
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    const size = measureOperation(definition.selectionSet, (name) => fragments.get(name));
    // Fragments that nothing uses are validated as well.
    comparisons += size.comparisons;
    if (definition.kind === Kind.OPERATION_DEFINITION)
      errors.push(...checkOperation(definition, size, { limits, oncePerOperation }));
  }
  if (comparisons > MOST_COMPARISONS)
    errors.push(tooLarge('SELECTION_LIMIT_EXCEEDED', 'The document repeats the same fields too often.'));
  return errors;
}

function checkOperation(
  operation: OperationDefinitionNode,
  size: OperationSize,
  { limits, oncePerOperation }: { readonly limits: OperationLimits; readonly oncePerOperation: readonly string[] },
): GraphQLError[] {
  const large = sizesOf(size, limits)
    .filter(({ actual, limit }) => actual > limit)
    .map(({ code, what, actual, limit }) =>
      tooLarge(code, `The operation is too large: ${what} ${actual}, allowed ${limit}.`, operation),
    );
  const repeated = oncePerOperation
    .map((field) => ({ field, times: size.fields.get(field) ?? 0 }))
    .filter(({ times }) => times > 1)
    .map(({ field, times }) =>
      tooLarge(
        'SENSITIVE_FIELD_REPEATED',
        `The field "${field}" may be used once in an operation, not ${times} times.`,
        operation,
      ),
    );
  return [...large, ...repeated];
}

function sizesOf(size: OperationSize, limits: OperationLimits) {
  const rootFields = [...size.fields.values()].reduce((sum, times) => sum + times, 0);
  return [
    { code: 'DEPTH_LIMIT_EXCEEDED', what: 'depth', actual: size.depth, limit: limits.depth },
    { code: 'ALIAS_LIMIT_EXCEEDED', what: 'aliases', actual: size.aliases, limit: limits.aliases },
    { code: 'ROOT_FIELD_LIMIT_EXCEEDED', what: 'root fields', actual: rootFields, limit: limits.rootFields },
    { code: 'SELECTION_LIMIT_EXCEEDED', what: 'selections', actual: size.selections, limit: limits.selections },
    { code: 'DIRECTIVE_LIMIT_EXCEEDED', what: 'directives', actual: size.directives, limit: limits.directives },
  ];
}

function tooLarge(code: string, message: string, operation?: OperationDefinitionNode): GraphQLError {
  return new GraphQLError(message, { nodes: operation ?? null, extensions: { code } });
}

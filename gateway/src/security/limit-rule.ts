import { GraphQLError } from 'graphql';
import type { OperationDefinitionNode, ValidationContext, ValidationRule } from 'graphql';
import type { OperationLimits } from './limits.js';
import { measureOperation } from './measure-operation.js';
import type { OperationSize } from './measure-operation.js';

/** Refuses operations over a limit, and sensitive root fields used more than once, before anything is executed. */
export function createLimitRule(limits: OperationLimits, oncePerOperation: readonly string[]): ValidationRule {
  return (context: ValidationContext) => ({
    OperationDefinition(operation: OperationDefinitionNode) {
      const size = measureOperation(operation.selectionSet, (name) => context.getFragment(name));
      const report = (code: string, message: string): void =>
        context.reportError(new GraphQLError(message, { nodes: [operation], extensions: { code } }));
      for (const { code, what, actual, limit } of comparisons(size, limits)) {
        if (actual > limit) report(code, `The operation is too large: ${what} ${actual}, allowed ${limit}.`);
      }
      for (const field of oncePerOperation) {
        const times = size.fields.get(field) ?? 0;
        if (times > 1)
          report(
            'SENSITIVE_FIELD_REPEATED',
            `The field "${field}" may be used once in an operation, not ${times} times.`,
          );
      }
    },
  });
}

function comparisons(size: OperationSize, limits: OperationLimits) {
  const rootFields = [...size.fields.values()].reduce((sum, times) => sum + times, 0);
  return [
    { code: 'DEPTH_LIMIT_EXCEEDED', what: 'depth', actual: size.depth, limit: limits.depth },
    { code: 'ALIAS_LIMIT_EXCEEDED', what: 'aliases', actual: size.aliases, limit: limits.aliases },
    { code: 'ROOT_FIELD_LIMIT_EXCEEDED', what: 'root fields', actual: rootFields, limit: limits.rootFields },
    { code: 'SELECTION_LIMIT_EXCEEDED', what: 'selections', actual: size.selections, limit: limits.selections },
    { code: 'DIRECTIVE_LIMIT_EXCEEDED', what: 'directives', actual: size.directives, limit: limits.directives },
  ];
}

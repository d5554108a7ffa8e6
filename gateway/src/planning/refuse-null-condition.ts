import { GraphQLError, GraphQLIncludeDirective, GraphQLSkipDirective, Kind, visit } from 'graphql';
import type { DirectiveNode, DocumentNode, OperationDefinitionNode } from 'graphql';

/**
 * `@include(if: $x)` with a nullable `$x` that has a default is valid, and null for it is still no Boolean: found out
 * here, because the planner takes it for a fault of its own.
 */
export function refuseNullCondition(
  operation: OperationDefinitionNode,
  { document, variables }: { readonly document: DocumentNode; readonly variables: Readonly<Record<string, unknown>> },
): GraphQLError | undefined {
  const nulls = new Set(
    (operation.variableDefinitions ?? [])
      .map(({ variable }) => variable.name.value)
      .filter((name) => variables[name] === null),
  );
  if (nulls.size === 0) return undefined;
  const culprits: DirectiveNode[] = [];
  visit(document, {
    // Variables of another operation only share the name.
    OperationDefinition: (node) => (node === operation ? undefined : false),
    Directive: (node) => {
      const isCondition =
        node.name.value === GraphQLIncludeDirective.name || node.name.value === GraphQLSkipDirective.name;
      const condition = node.arguments?.[0]?.value;
      if (isCondition && condition?.kind === Kind.VARIABLE && nulls.has(condition.name.value)) culprits.push(node);
    },
  });
  if (culprits.length === 0) return undefined;
  return new GraphQLError('The condition of @include or @skip must be true or false, and its variable is null.', {
    nodes: culprits,
    // `http` is Apollo's way to a status, and is taken off again before the error leaves.
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
}

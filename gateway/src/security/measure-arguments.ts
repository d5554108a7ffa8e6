import { getNamedType, isInputObjectType, Kind, valueFromASTUntyped } from 'graphql';
import type { FieldNode, GraphQLArgument, GraphQLField, GraphQLInputField, ValueNode } from 'graphql';
import type { CostDirectives } from './cost-directives.js';
import type { ReadVariable } from './page-size.js';

interface Scope {
  readonly directives: CostDirectives;
  readonly readVariable: ReadVariable;
}

/**
 * What the arguments of a field weigh: each its own weight, an input object without one 1, and the fields that are
 * given of it.
 */
export function measureArguments(
  node: FieldNode,
  { field, directives, readVariable }: Scope & { readonly field: GraphQLField<unknown, unknown> },
): number {
  let cost = 0;
  for (const { name, value } of node.arguments ?? []) {
    const definition = field.args.find((argument) => argument.name === name.value);
    // A scalar of no weight costs nothing, whatever its value: it is not even looked up.
    if (definition === undefined || isFree(definition, directives)) continue;
    cost += measureInput(plainValue(value, readVariable), { input: definition, directives });
  }
  return cost;
}

function isFree(input: GraphQLArgument | GraphQLInputField, directives: CostDirectives): boolean {
  return directives.weightOfInput(input) === undefined && !isInputObjectType(getNamedType(input.type));
}

/** Variables may stand anywhere in a literal. */
function plainValue(value: ValueNode, readVariable: ReadVariable): unknown {
  if (value.kind === Kind.VARIABLE) return readVariable(value.name.value);
  if (value.kind === Kind.LIST) return value.values.map((item) => plainValue(item, readVariable));
  if (value.kind === Kind.OBJECT) {
    return Object.fromEntries(
      value.fields.map((field) => [field.name.value, plainValue(field.value, readVariable)] as const),
    );
  }
  return valueFromASTUntyped(value);
}

function measureInput(
  value: unknown,
  { input, directives }: { readonly input: GraphQLArgument | GraphQLInputField; readonly directives: CostDirectives },
): number {
  if (value === undefined || value === null) return 0;
  if (Array.isArray(value))
    return value.reduce((sum: number, item: unknown) => sum + measureInput(item, { input, directives }), 0);
  const type = getNamedType(input.type);
  const own = directives.weightOfInput(input);
  if (!isInputObjectType(type)) return own ?? 0;
  const fields = type.getFields();
  return Object.entries(value).reduce((sum, [name, given]) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return field === undefined || isFree(field, directives)
      ? sum
      : sum + measureInput(given, { input: field, directives });
  }, own ?? 1);
}

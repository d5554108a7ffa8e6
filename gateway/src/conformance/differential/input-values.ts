import { isEnumType, isInputObjectType, isListType, isNonNullType, isRequiredInputField } from 'graphql';
import type { GraphQLInputType } from 'graphql';
import type { Random } from './random.js';

const WORDS = [
  'T1',
  'T2',
  'S1',
  'S2',
  'P1',
  'R1',
  'R2',
  'kg',
  'Person 2',
  '',
  'none',
  'a "b" \\ \u2028 \u{1f682}',
  'line\nbreak',
];

/** A JSON value that the input type accepts. */
export function inputValue(random: Random, type: GraphQLInputType, depth = 0): unknown {
  if (isNonNullType(type)) return inputValue(random, type.ofType, depth);
  if (depth > 0 && !isNonNullType(type) && random.percent(10)) return null;
  if (isListType(type)) {
    // A value alone counts as a list of one.
    if (!isNonNullType(type.ofType) && random.percent(10)) return inputValue(random, type.ofType, depth + 1);
    return Array.from({ length: random.below(3) }, () =>
      isNonNullType(type.ofType)
        ? inputValue(random, type.ofType.ofType, depth)
        : inputValue(random, type.ofType, depth + 1),
    );
  }
  if (isEnumType(type)) return random.pick(type.getValues()).name;
  if (isInputObjectType(type)) {
    const value: Record<string, unknown> = {};
    for (const field of Object.values(type.getFields())) {
      if (!isRequiredInputField(field) && (depth > 2 || random.percent(50))) continue;
      value[field.name] = inputValue(random, field.type, depth + 1);
    }
    return value;
  }
  switch (type.name) {
    case 'Int':
      return random.pick([0, 1, 2, 3, -1, 250]);
    case 'Float':
      return random.pick([0, 1, 1.5, -2.25, 1e10, 120]);
    case 'Boolean':
      return random.percent(50);
    case 'String':
    case 'ID':
      return random.pick(WORDS);
    default:
      return random.pick<unknown>([null, 0, 'x', [1, 'y', null], { a: { b: [] }, c: 1.5 }]);
  }
}

/** The value as a GraphQL literal of the type. */
export function literal(value: unknown, type: GraphQLInputType | undefined): string {
  if (value === null || value === undefined) return 'null';
  const inner = type !== undefined && isNonNullType(type) ? type.ofType : type;
  if (Array.isArray(value))
    return `[${value.map((item) => literal(item, isListType(inner) ? inner.ofType : undefined)).join(', ')}]`;
  if (isListType(inner)) return literal(value, inner.ofType);
  if (isEnumType(inner) && typeof value === 'string') return value;
  if (typeof value === 'object') {
    const fields = isInputObjectType(inner) ? inner.getFields() : {};
    const members = Object.entries(value).map(([name, member]) => `${name}: ${literal(member, fields[name]?.type)}`);
    return `{${members.join(', ')}}`;
  }
  return JSON.stringify(value);
}

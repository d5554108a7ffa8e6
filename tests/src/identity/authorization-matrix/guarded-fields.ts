import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import {
  buildSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
} from 'graphql';
import type {
  DirectiveNode,
  FieldDefinitionNode,
  GraphQLField,
  GraphQLInputType,
  ObjectTypeDefinitionNode,
  ObjectTypeExtensionNode,
} from 'graphql';

const SCHEMA = path.resolve(import.meta.dirname, '../../../../schema');
const OPERATIONS: Readonly<Record<string, string>> = {
  Query: 'query',
  Mutation: 'mutation',
  Subscription: 'query',
};
/** An id that nothing has. */
export const UNKNOWN_ID = '00000000-0000-7000-8000-00000000dead';

/** A field that says with `@auth` who may have it, and that clients can ask for. */
export interface GuardedField {
  /** `Query.me` */
  readonly name: string;
  readonly type: string;
  readonly field: string;
  /** What its `@auth` names. */
  readonly permission: string;
  /** Name of one of the RULES, as its `@auth` reads. */
  readonly rule: string;
  /** Harmless arguments: ids that nothing has, the shortest texts, only what is required. With parentheses, or empty. */
  readonly arguments: string;
  /** What to select of it, with braces, or empty. */
  readonly selection: string;
}

const api = buildSchema(readFileSync(path.join(SCHEMA, 'api.graphql'), 'utf8'));

/** Every guarded field of the composed graph, once, in order of their names. */
export function guardedFields(): readonly GuardedField[] {
  const found = new Map<string, GuardedField>();
  for (const guarded of objectTypes().flatMap(guardedOf)) {
    const before = found.get(guarded.name);
    if (before !== undefined && before.rule !== guarded.rule)
      throw new Error(`${guarded.name} is guarded in two ways: ${before.rule} and ${guarded.rule}`);
    found.set(guarded.name, guarded);
  }
  return [...found.values()].toSorted((one, other) => one.name.localeCompare(other.name));
}

/** Root fields that subgraphs have and clients must not. */
export function hiddenRootFields(): readonly string[] {
  return objectTypes()
    .filter(({ name }) => name.value in OPERATIONS)
    .flatMap(({ name: type, fields = [] }) => fields.map(({ name }) => ({ type: type.value, field: name.value })))
    .filter(({ type, field }) => apiField(type, field) === undefined)
    .map(({ type, field }) => `${type}.${field}`);
}

/** The object types of all subgraphs. */
function objectTypes(): readonly (ObjectTypeDefinitionNode | ObjectTypeExtensionNode)[] {
  const folder = path.join(SCHEMA, 'subgraphs');
  return readdirSync(folder)
    .flatMap((file) => parse(readFileSync(path.join(folder, file), 'utf8')).definitions)
    .filter((node) => node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION);
}

function guardedOf(definition: ObjectTypeDefinitionNode | ObjectTypeExtensionNode): readonly GuardedField[] {
  const type = definition.name.value;
  return (definition.fields ?? []).flatMap((node) => {
    const auth = node.directives?.find(({ name }) => name.value === 'auth');
    const field = apiField(type, node.name.value);
    if (auth === undefined || field === undefined) return [];
    return {
      name: `${type}.${field.name}`,
      type,
      field: field.name,
      permission: String(valueOf(auth, 'permission')),
      rule: ruleOf(type, auth),
      arguments: harmlessArguments(field),
      selection: isLeafType(getNamedType(field.type)) ? '' : '{ __typename }',
    };
  });
}

function apiField(
  type: string,
  field: FieldDefinitionNode['name']['value'],
): GraphQLField<unknown, unknown> | undefined {
  const found = api.getType(type);
  return isObjectType(found) ? found.getFields()[field] : undefined;
}

function ruleOf(type: string, auth: DirectiveNode): string {
  const permission = String(valueOf(auth, 'permission'));
  const scope = permission.split(':')[2] ?? permission;
  const operation = OPERATIONS[type] ?? (scope === 'own' ? 'of an object' : 'query');
  return `${scope} ${operation}${valueOf(auth, 'stepUp') === true ? ', step-up' : ''}`;
}

function valueOf(directive: DirectiveNode, name: string): unknown {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value !== undefined && 'value' in value ? value.value : undefined;
}

function harmlessArguments({ args }: GraphQLField<unknown, unknown>): string {
  const required = args.filter(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined);
  if (required.length === 0) return '';
  return `(${required.map(({ name, type }) => `${name}: ${harmlessValue(type)}`).join(', ')})`;
}

const SCALARS: Readonly<Record<string, () => string>> = {
  ID: () => JSON.stringify(UNKNOWN_ID),
  String: () => '"x"',
  Int: () => '1',
  Float: () => '1',
  Boolean: () => 'false',
  DateTime: () => JSON.stringify(new Date().toISOString()),
  JSON: () => '{}',
  JSONObject: () => '{}',
};

function harmlessValue(type: GraphQLInputType): string {
  if (isNonNullType(type)) return harmlessValue(type.ofType);
  if (isListType(type)) return `[${harmlessValue(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? '';
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter(
      (field) => isNonNullType(field.type) && field.defaultValue === undefined,
    );
    return `{${required.map((field) => `${field.name}: ${harmlessValue(field.type)}`).join(', ')}}`;
  }
  const literal = SCALARS[type.name];
  if (literal === undefined) throw new Error(`what is a harmless value of ${type.name}? Add it to SCALARS.`);
  return literal();
}

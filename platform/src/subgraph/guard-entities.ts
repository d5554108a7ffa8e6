import { getDirectiveValues, isObjectType, Kind, parse } from 'graphql';
import type { GraphQLObjectType, GraphQLSchema } from 'graphql';
import { badUserInput } from '../errors/index.js';

/** The most representations in one request: a gateway that has more sends several. */
export const MOST_REPRESENTATIONS = 1_000;

/** A reference to an entity: `__typename` and the fields of its key. */
type Reference = Readonly<Record<string, string>>;

/**
 * Lets nothing through `_entities` but references: so many at most, each to an entity of this subgraph, with the text
 * of its key and nothing else. What a caller adds never reaches a resolver, where it would be taken for the truth.
 * That leaves no room for `@requires`, so a schema that has it is not built.
 */
export function guardEntities(schema: GraphQLSchema): GraphQLSchema {
  const field = schema.getQueryType()?.getFields()['_entities'];
  const resolve = field?.resolve;
  if (field === undefined || resolve === undefined) return schema;
  const keys = new Map(
    Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type))
      .map((type) => [type.name, keysOf(schema, type)]),
  );
  field.resolve = (source, args: { readonly representations: readonly unknown[] }, context, info) => {
    const { representations } = args;
    if (representations.length > MOST_REPRESENTATIONS) {
      throw badUserInput(
        `These are ${representations.length} representations, and one request may have ${MOST_REPRESENTATIONS}.`,
      );
    }
    return resolve(
      source,
      { ...args, representations: representations.map((one) => referenceIn(one, keys)) },
      context,
      info,
    );
  };
  return schema;
}

/** Each key of the type, as the names of its fields; none when it is no entity. */
function keysOf(schema: GraphQLSchema, type: GraphQLObjectType): readonly (readonly string[])[] {
  for (const { name, astNode } of Object.values(type.getFields())) {
    if (astNode?.directives?.some((directive) => directive.name.value === 'requires') === true) {
      throw new Error(`${type.name}.${name} has @requires: its value would be whatever the caller says`);
    }
  }
  const directive = schema.getDirective('key');
  const nodes = [type.astNode, ...type.extensionASTNodes].flatMap((node) => node?.directives ?? []);
  if (directive === undefined || directive === null) return [];
  return nodes
    .filter((node) => node.name.value === 'key')
    .map((node) => getDirectiveValues(directive, { directives: [node] }))
    .filter((values) => values?.['resolvable'] !== false)
    .map((values) => namesIn(String(values?.['fields']), type));
}

function namesIn(fields: string, type: GraphQLObjectType): string[] {
  const [operation] = parse(`{ ${fields} }`).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`the key of ${type.name} is no selection`);
  return operation.selectionSet.selections.map((selection) => {
    if (selection.kind === Kind.FIELD && selection.selectionSet === undefined) return selection.name.value;
    throw new Error(`the key "${fields}" of ${type.name} has a field with fields of its own`);
  });
}

function referenceIn(value: unknown, keys: ReadonlyMap<string, readonly (readonly string[])[]>): Reference {
  if (typeof value !== 'object' || value === null) throw badUserInput('A representation is an object.');
  const type = textIn(value, '__typename');
  const candidates = type === undefined ? undefined : keys.get(type);
  if (type === undefined || candidates === undefined || candidates.length === 0) {
    throw badUserInput('A representation names an entity of this subgraph in __typename.');
  }
  for (const names of candidates) {
    const texts = names.map((name) => textIn(value, name));
    if (texts.every((text) => text !== undefined)) {
      return { __typename: type, ...Object.fromEntries(names.map((name, index) => [name, texts[index] ?? ''])) };
    }
  }
  throw badUserInput(`A representation of ${type} has its key, as text.`);
}

function textIn(value: object, name: string): string | undefined {
  if (!Object.hasOwn(value, name)) return undefined;
  const text = (value as Readonly<Record<string, unknown>>)[name];
  return typeof text === 'string' ? text : undefined;
}

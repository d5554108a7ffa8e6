import {
  getNamedType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
} from 'graphql';
import type {
  FieldNode,
  GraphQLAbstractType,
  GraphQLEnumType,
  GraphQLInterfaceType,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLSchema,
  SelectionSetNode,
} from 'graphql';
import { isTypename, responseKey } from '../../planning/response-keys.js';
import type { ResponseKeys } from '../../planning/response-keys.js';

/** What is written for a value, decided once for an operation. */
export type ValueShape =
  | { readonly kind: 'list'; readonly isNullable: boolean; readonly element: ValueShape }
  | { readonly kind: 'object'; readonly isNullable: boolean; readonly object: ObjectShape }
  | { readonly kind: 'enum'; readonly isNullable: boolean; readonly values: ReadonlyMap<unknown, string> }
  | { readonly kind: LeafKind; readonly isNullable: boolean };

/** `json` is any value as it came: a custom scalar, or the answer of introspection. */
export type LeafKind = 'string' | 'id' | 'int' | 'float' | 'boolean' | 'json';

/** The fields of an object: of one type, or of every type that may come. */
export interface ObjectShape {
  /** Fields for the `__typename` that came; undefined for a type that cannot stand here. */
  fieldsOf(typename: unknown): readonly FieldShape[] | undefined;
  /** What {@link fieldsOf} answers whatever the typename; undefined for an abstract type. */
  readonly fields: readonly FieldShape[] | undefined;
}

export interface FieldShape {
  /** `"responseKey":` */
  readonly label: string;
  /** Key in the data. */
  readonly key: string;
  readonly value: ValueShape;
  /** Text that is written whatever the data says; undefined for all but `__typename`. */
  readonly constant: string | undefined;
}

export interface ShapeScope {
  readonly schema: GraphQLSchema;
  readonly keys: ResponseKeys;
  /** Whether a subgraph knows the interface as an object. */
  readonly isInterfaceObject: (name: string) => boolean;
}

type FieldsType = GraphQLObjectType | GraphQLInterfaceType;

const BUILT_IN: Readonly<Record<string, LeafKind>> = {
  String: 'string',
  ID: 'id',
  Int: 'int',
  Float: 'float',
  Boolean: 'boolean',
};

/** Compiles the selection of an operation's root. */
export function compileRoot(type: GraphQLObjectType, selectionSet: SelectionSetNode, scope: ShapeScope): ObjectShape {
  return objectShape(type, [selectionSet], scope);
}

function objectShape(
  type: GraphQLOutputType,
  selectionSets: readonly SelectionSetNode[],
  scope: ShapeScope,
): ObjectShape {
  if (isObjectType(type)) {
    const fields = compileFields(type, selectionSets, scope);
    return { fields, fieldsOf: () => fields };
  }
  if (!isAbstractType(type)) throw new Error(`${String(type)} has no fields`);
  const byType = new Map<unknown, readonly FieldShape[] | undefined>();
  return {
    fields: undefined,
    fieldsOf: (typename) => {
      // Compiled for the types that do come: there may be hundreds that could.
      if (byType.has(typename)) return byType.get(typename);
      const found = standIn(type, typename, scope) ?? scope.schema.getType(String(typename));
      const isPossible = found === type || (isObjectType(found) && scope.schema.isSubType(type, found));
      const fields = isPossible ? compileFields(found as FieldsType, selectionSets, scope) : undefined;
      // What a subgraph invents is not remembered.
      if (isPossible) byType.set(typename, fields);
      return fields;
    },
  };
}

/**
 * An interface that a subgraph knows as an object stands for its types where no subgraph was asked which: nothing that
 * is selected depends on it then.
 */
function standIn(
  type: GraphQLAbstractType,
  typename: unknown,
  { isInterfaceObject }: ShapeScope,
): GraphQLInterfaceType | undefined {
  const isMeant = typename === undefined || typename === type.name;
  return isMeant && isInterfaceType(type) && isInterfaceObject(type.name) ? type : undefined;
}

/** CollectFields of the GraphQL specification (section 6.3.2): in the order of first use, equal response keys merged. */
function compileFields(type: FieldsType, selectionSets: readonly SelectionSetNode[], scope: ShapeScope): FieldShape[] {
  const collected = new Map<string, FieldNode[]>();
  for (const set of selectionSets) collect(set, type, { scope, into: collected });
  return [...collected].flatMap(([key, nodes]) => {
    const field = compileField(key, nodes, { type, scope });
    return field === undefined ? [] : [field];
  });
}

function collect(
  { selections }: SelectionSetNode,
  type: FieldsType,
  { scope, into }: { readonly scope: ShapeScope; readonly into: Map<string, FieldNode[]> },
): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const key = responseKey(selection);
      const known = into.get(key);
      if (known === undefined) into.set(key, [selection]);
      else known.push(selection);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition && scope.schema.getType(selection.typeCondition.name.value);
      const applies =
        condition === undefined ||
        condition === type ||
        (isAbstractType(condition) && scope.schema.isSubType(condition, type));
      if (applies) collect(selection.selectionSet, type, { scope, into });
    } else throw new Error('a fragment was not inlined');
  }
}

/** An interface is nobody's type: graphql-js says what is wrong then. */
const NO_VALUE: ValueShape = { kind: 'enum', isNullable: false, values: new Map() };
const JSON_VALUE: ValueShape = { kind: 'json', isNullable: true };

function compileField(
  key: string,
  nodes: readonly FieldNode[],
  { type, scope }: { readonly type: FieldsType; readonly scope: ShapeScope },
): FieldShape | undefined {
  const [first] = nodes;
  if (first === undefined) return undefined;
  const label = `${JSON.stringify(key)}:`;
  if (isTypename(first)) {
    if (isInterfaceType(type)) return { label, key: '__typename', value: NO_VALUE, constant: undefined };
    return { label, key: '__typename', value: JSON_VALUE, constant: JSON.stringify(type.name) };
  }
  const name = first.name.value;
  const dataKey = scope.keys.of(first);
  if (name === '__schema' || name === '__type') {
    return { label, key: dataKey, value: JSON_VALUE, constant: undefined };
  }
  const field = type.getFields()[name];
  // As graphql-js does: validation has refused it, or it is of another type.
  if (field === undefined) return undefined;
  const sets = nodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet]));
  return { label, key: dataKey, value: valueShape(field.type, sets, scope), constant: undefined };
}

function valueShape(
  type: GraphQLOutputType,
  selectionSets: readonly SelectionSetNode[],
  scope: ShapeScope,
): ValueShape {
  const isNullable = !isNonNullType(type);
  const nullable = isNonNullType(type) ? type.ofType : type;
  if (isListType(nullable)) {
    return {
      kind: 'list',
      isNullable,
      element: valueShape(nullable.ofType as GraphQLOutputType, selectionSets, scope),
    };
  }
  if (isEnumType(nullable)) return { kind: 'enum', isNullable, values: enumValues(nullable) };
  if (isLeafType(nullable)) return { kind: BUILT_IN[nullable.name] ?? 'json', isNullable };
  return { kind: 'object', isNullable, object: objectShape(getNamedType(nullable), selectionSets, scope) };
}

const enumTexts = new WeakMap<GraphQLEnumType, ReadonlyMap<unknown, string>>();

function enumValues(type: GraphQLEnumType): ReadonlyMap<unknown, string> {
  const known = enumTexts.get(type);
  if (known !== undefined) return known;
  const values = new Map<unknown, string>(type.getValues().map(({ name }) => [name, JSON.stringify(name)]));
  enumTexts.set(type, values);
  return values;
}

import { getNamedType, isAbstractType, isCompositeType } from 'graphql';
import type {
  GraphQLArgument,
  GraphQLCompositeType,
  GraphQLField,
  GraphQLInputField,
  GraphQLNamedType,
  GraphQLSchema,
} from 'graphql';
import { argumentsOf, directiveNameIn, directivesOn } from './supergraph-directives.js';

/** `@listSize` of a field. */
export interface ListSize {
  readonly assumedSize: number | undefined;
  readonly slicingArguments: readonly string[];
  /** Fields below that hold the items; empty when the field itself is the list. */
  readonly sizedFields: readonly string[];
  readonly requireOneSlicingArgument: boolean;
}

/** What a graph says of its costs: https://specs.apollo.dev/cost/v0.1/ */
export interface CostDirectives {
  /** Without any weight a cost would say less than the number of fields does, and is not measured. */
  readonly hasWeights: boolean;
  /** Names in any `sizedFields`. */
  readonly sizedFields: ReadonlySet<string>;
  weightOf(parent: GraphQLCompositeType, field: GraphQLField<unknown, unknown>): number;
  weightOfInput(input: GraphQLArgument | GraphQLInputField): number | undefined;
  listSizeOf(field: GraphQLField<unknown, unknown>): ListSize | undefined;
}

const FEATURE = 'https://specs.apollo.dev/cost';

const known = new WeakMap<GraphQLSchema, CostDirectives>();

/** Reads them once for a schema whose nodes carry its directives; one without, as clients are shown, has none. */
export function costDirectivesOf(schema: GraphQLSchema): CostDirectives {
  let directives = known.get(schema);
  if (directives === undefined) known.set(schema, (directives = readCostDirectives(schema)));
  return directives;
}

function readCostDirectives(schema: GraphQLSchema): CostDirectives {
  const names = {
    cost: directiveNameIn(schema, { feature: FEATURE, name: 'cost' }),
    listSize: directiveNameIn(schema, { feature: FEATURE, name: 'listSize' }),
  };
  const ownWeight = (element: Weighted): number | undefined => {
    if (names.cost === undefined) return undefined;
    const [node] = directivesOn(element, names.cost);
    const weight = node && argumentsOf(node)['weight'];
    return weight === undefined ? undefined : Number(weight);
  };
  const ofField = (field: GraphQLField<unknown, unknown>): number => {
    const type = getNamedType(field.type);
    return ownWeight(field) ?? weightOfType(type);
  };
  /** What stands behind an interface or union is not known before: it weighs what the heaviest does. */
  const weightOfType = (type: GraphQLNamedType): number =>
    isAbstractType(type)
      ? schema.getPossibleTypes(type).reduce((heaviest, one) => Math.max(heaviest, ownWeight(one) ?? 1), 1)
      : (ownWeight(type) ?? (isCompositeType(type) ? 1 : 0));

  const weights = new WeakMap<GraphQLField<unknown, unknown>, number>();
  const listSizes = new WeakMap<GraphQLField<unknown, unknown>, ListSize | null>();
  return {
    hasWeights: names.cost !== undefined,
    sizedFields: new Set(fieldsOf(schema).flatMap((field) => readListSize(field, names.listSize)?.sizedFields ?? [])),
    weightOf: (parent, field) => {
      let weight = weights.get(field);
      if (weight === undefined) {
        const behind = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [];
        const all = behind.flatMap((type) => type.getFields()[field.name] ?? []).map(ofField);
        weights.set(field, (weight = Math.max(ofField(field), ...all)));
      }
      return weight;
    },
    weightOfInput: (input) => {
      const type = getNamedType(input.type);
      return ownWeight(input) ?? ownWeight(type);
    },
    listSizeOf: (field) => {
      let size = listSizes.get(field);
      if (size === undefined) listSizes.set(field, (size = readListSize(field, names.listSize) ?? null));
      return size ?? undefined;
    },
  };
}

type Weighted = GraphQLNamedType | GraphQLField<unknown, unknown> | GraphQLArgument | GraphQLInputField;

function readListSize(field: GraphQLField<unknown, unknown>, name: string | undefined): ListSize | undefined {
  if (name === undefined) return undefined;
  const [node] = directivesOn(field, name);
  if (node === undefined) return undefined;
  const { assumedSize, slicingArguments, sizedFields, requireOneSlicingArgument } = argumentsOf(node);
  return {
    assumedSize: typeof assumedSize === 'number' ? assumedSize : undefined,
    slicingArguments: namesOf(slicingArguments),
    sizedFields: namesOf(sizedFields),
    requireOneSlicingArgument: requireOneSlicingArgument !== false,
  };
}

function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}

function fieldsOf(schema: GraphQLSchema): GraphQLField<unknown, unknown>[] {
  return Object.values(schema.getTypeMap()).flatMap((type) =>
    isCompositeType(type) && 'getFields' in type ? Object.values(type.getFields()) : [],
  );
}

import { baseType, federationMetadata, isAbstractType, isCompositeType } from '@apollo/federation-internals';
import type { CompositeType, FieldDefinition, Schema, Supergraph } from '@apollo/federation-internals';
import type { FetchNode, PlanNode, ResponsePath, SubscriptionNode } from '@apollo/query-planner';
import { Kind, parse, visit } from 'graphql';
import type { ASTNode, FieldNode, OperationDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql';
import { onlyOperation } from './build-plan.js';
import { mapFetches } from './map-plan.js';
import { responseKey } from './response-keys.js';
import { printCompact } from './restore-twins.js';
import { fieldIn, RuntimeTypes } from './runtime-types.js';

type Plan = PlanNode | SubscriptionNode;

/**
 * Puts back what a plan leaves out of interfaces and unions that have other types in each subgraph. Where several
 * subgraphs resolve a field, the planner takes it that the object is of a type that all of them have, and asks nothing
 * of the others, although the subgraph that it asks has them and may well return one.
 */
export type RestoreMembers = (operation: OperationDefinitionNode, plan: Plan) => Plan;

export function createMemberRestorer(supergraph: Supergraph, apiSchema: Schema): RestoreMembers {
  const types = new RuntimeTypes(supergraph, apiSchema);
  // Every fetch would be parsed for nothing in a supergraph where all subgraphs agree.
  if (!hasPartialTypes(supergraph, types)) return (_operation, plan) => plan;
  return (operation, plan) =>
    mapFetches(plan, (fetch, path) => [new FetchRepair(types, { fetch, operation }).repaired(path)]);
}

function hasPartialTypes(supergraph: Supergraph, types: RuntimeTypes): boolean {
  const subgraphs = [...supergraph.subgraphs().values()];
  return supergraph.schema
    .types()
    .some(
      (type) =>
        isCompositeType(type) &&
        isAbstractType(type) &&
        subgraphs
          .filter(({ schema }) => schema.type(type.name) !== undefined)
          .some(({ name }) => types.inSubgraph(name, type.name).size !== types.inSupergraph(type.name).size),
    );
}

/** A place in a fetch: what the subgraph has there, and what the client selects there. */
interface Place {
  readonly type: string;
  readonly wanted: readonly SelectionNode[];
}

class FetchRepair {
  readonly #types: RuntimeTypes;
  readonly #fetch: FetchNode;
  readonly #operation: OperationDefinitionNode;
  readonly #added: SelectionNode[] = [];

  constructor(
    types: RuntimeTypes,
    { fetch, operation }: { readonly fetch: FetchNode; readonly operation: OperationDefinitionNode },
  ) {
    this.#types = types;
    this.#fetch = fetch;
    this.#operation = operation;
  }

  repaired(path: ResponsePath): FetchNode {
    const sent = onlyOperation(parse(this.#fetch.operation, { noLocation: true }));
    const wanted = selectionsAt(this.#operation.selectionSet.selections, path);
    const selectionSet = this.#fetch.requires === undefined ? this.#root(sent, wanted) : this.#entities(sent, wanted);
    if (this.#added.length === 0) return this.#fetch;
    const used = this.#addedVariables();
    const known = new Set(sent.variableDefinitions?.map(({ variable }) => variable.name.value));
    const definitions = (this.#operation.variableDefinitions ?? []).filter(
      ({ variable: { name } }) => used.has(name.value) && !known.has(name.value),
    );
    const repaired = {
      ...sent,
      selectionSet,
      variableDefinitions: [...(sent.variableDefinitions ?? []), ...definitions],
    };
    return {
      ...this.#fetch,
      operation: printCompact({ kind: Kind.DOCUMENT, definitions: [repaired] }),
      variableUsages: [...new Set([...(this.#fetch.variableUsages ?? []), ...used])],
    };
  }

  #root(sent: OperationDefinitionNode, wanted: readonly SelectionNode[]): SelectionSetNode {
    const schema = this.#types.schemaOf(this.#fetch.serviceName);
    const type = schema.schemaDefinition.root(this.#operation.operation)?.type.name;
    return type === undefined ? sent.selectionSet : this.#selectionSet(sent.selectionSet, { type, wanted });
  }

  #entities(sent: OperationDefinitionNode, wanted: readonly SelectionNode[]): SelectionSetNode {
    return {
      ...sent.selectionSet,
      selections: sent.selectionSet.selections.map((field) =>
        field.kind === Kind.FIELD && field.selectionSet !== undefined
          ? { ...field, selectionSet: this.#selectionSet(field.selectionSet, { type: '_Entity', wanted }) }
          : field,
      ),
    };
  }

  #selectionSet(set: SelectionSetNode, place: Place): SelectionSetNode {
    return {
      ...set,
      selections: set.selections.map((selection) => {
        if (selection.kind === Kind.FIELD) return this.#field(selection, place);
        if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
        const type = selection.typeCondition?.name.value ?? place.type;
        return { ...selection, selectionSet: this.#selectionSet(selection.selectionSet, { ...place, type }) };
      }),
    };
  }

  #field(field: FieldNode, { type: parent, wanted }: Place): FieldNode {
    const definition = this.#definition(parent, field.name.value);
    if (field.selectionSet === undefined || definition?.type === undefined) return field;
    const type = baseType(definition.type);
    const inner = selectionsAt(wanted, [responseKey(field)]);
    const repaired = this.#selectionSet(field.selectionSet, { type: type.name, wanted: inner });
    if (!isCompositeType(type) || !isAbstractType(type)) return { ...field, selectionSet: repaired };
    const { serviceName } = this.#fetch;
    const agreed = this.#types.returnedBy(serviceName, parent, field.name.value);
    const left = [...this.#types.inSubgraph(serviceName, type.name)].filter((name) => !agreed.has(name));
    const restored = left.flatMap((name) => this.#member(name, repaired, inner));
    this.#added.push(...restored);
    return { ...field, selectionSet: { ...repaired, selections: [...repaired.selections, ...restored] } };
  }

  /** What the client selects on the type and the fetch does not, as far as the subgraph has it. */
  #member(type: string, set: SelectionSetNode, wanted: readonly SelectionNode[]): readonly SelectionNode[] {
    if (this.#types.schemaOf(this.#fetch.serviceName).type(type) === undefined) return [];
    const present = new Set(this.#fieldsOn(type, set.selections).map(responseKey));
    const taken = new Map(allFields(set.selections).map((field) => [responseKey(field), field.name.value]));
    const missing = this.#fieldsOn(type, wanted).filter((field) => {
      const key = responseKey(field);
      // One name cannot stand for two fields of an object.
      return !present.has(key) && (taken.get(key) ?? field.name.value) === field.name.value;
    });
    const selections = this.#resolvable(type, missing);
    if (selections.length === 0) return [];
    const name = { kind: Kind.NAME, value: type } as const;
    return [
      {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: { kind: Kind.NAMED_TYPE, name },
        selectionSet: { kind: Kind.SELECTION_SET, selections },
      },
    ];
  }

  /** The selections without those that the subgraph cannot answer by itself. */
  #resolvable(parent: string, selections: readonly SelectionNode[]): readonly SelectionNode[] {
    return selections.flatMap((selection): readonly SelectionNode[] => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const type = selection.typeCondition?.name.value ?? parent;
        if (this.#types.schemaOf(this.#fetch.serviceName).type(type) === undefined) return [];
        const inner = this.#resolvable(type, selection.selectionSet.selections);
        return inner.length === 0
          ? []
          : [{ ...selection, selectionSet: { kind: Kind.SELECTION_SET, selections: inner } }];
      }
      const definition = this.#definition(parent, selection.name.value);
      if (definition?.type === undefined) return [];
      if (selection.selectionSet === undefined) return [selection];
      const inner = this.#resolvable(baseType(definition.type).name, selection.selectionSet.selections);
      return [{ ...selection, selectionSet: { kind: Kind.SELECTION_SET, selections: [TYPENAME, ...inner] } }];
    });
  }

  /** A field that the subgraph resolves without being sent anything. */
  #definition(parent: string, name: string): FieldDefinition<CompositeType> | undefined {
    const schema = this.#types.schemaOf(this.#fetch.serviceName);
    const field = fieldIn(schema, parent, name);
    const metadata = federationMetadata(schema);
    if (field === undefined || metadata === undefined) return field;
    const needsMore = metadata.isFieldExternal(field) || field.hasAppliedDirective(metadata.requiresDirective());
    return needsMore ? undefined : field;
  }

  #fieldsOn(type: string, selections: readonly SelectionNode[]): readonly FieldNode[] {
    return selections.flatMap((selection): readonly FieldNode[] => {
      if (selection.kind === Kind.FIELD) return [selection];
      if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
      const condition = selection.typeCondition?.name.value;
      const applies = condition === undefined || this.#types.inSupergraph(condition).has(type);
      return applies ? this.#fieldsOn(type, selection.selectionSet.selections) : [];
    });
  }

  #addedVariables(): ReadonlySet<string> {
    const used = new Set<string>();
    for (const node of this.#added as readonly ASTNode[])
      visit(node, { Variable: ({ name }) => void used.add(name.value) });
    return used;
  }
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/** What is selected at the path on any type. Elements of lists are `@` in it, with conditions behind `|`. */
function selectionsAt(selections: readonly SelectionNode[], path: ResponsePath): readonly SelectionNode[] {
  let found = selections;
  for (const step of path) {
    const [key] = String(step).split('|', 1);
    if (key === '@') continue;
    found = allFields(found)
      .filter((field) => responseKey(field) === key)
      .flatMap((field) => field.selectionSet?.selections ?? []);
  }
  return found;
}

function allFields(selections: readonly SelectionNode[]): readonly FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    return selection.kind === Kind.INLINE_FRAGMENT ? allFields(selection.selectionSet.selections) : [];
  });
}

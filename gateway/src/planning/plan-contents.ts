import { baseType, isCompositeType } from '@apollo/federation-internals';
import type { FetchNode, PlanNode, ResponsePath } from '@apollo/query-planner';
import { Kind, parse } from 'graphql';
import type { FieldNode, SelectionNode, SelectionSetNode } from 'graphql';
import { fieldIn } from './runtime-types.js';
import type { RuntimeTypes } from './runtime-types.js';

/** A field that a fetch brings. */
export interface Provided {
  readonly key: string;
  /** The object types on which it is brought. */
  readonly parents: ReadonlySet<string>;
  /** The object types that can stand there; undefined for a leaf. */
  readonly returns: ReadonlySet<string> | undefined;
  readonly children: Provided[];
}

/** Everything that a plan fetches, by response path. */
export class PlanContents {
  readonly root: Provided[] = [];
  readonly #types: RuntimeTypes;
  readonly #rootType: string;
  constructor(types: RuntimeTypes, rootType: string) {
    this.#types = types;
    this.#rootType = rootType;
  }

  add(node: PlanNode, path: ResponsePath): void {
    switch (node.kind) {
      case 'Fetch':
        return this.addFetch(node, path);
      case 'Flatten':
        return this.add(node.node, [...path, ...node.path]);
      case 'Sequence':
      case 'Parallel':
        for (const child of node.nodes) this.add(child, path);
        return;
      case 'Condition':
        for (const child of [node.ifClause, node.elseClause]) if (child !== undefined) this.add(child, path);
        return;
      case 'Defer':
        throw new Error('@defer is not supported');
    }
  }

  addFetch(fetch: FetchNode, path: ResponsePath): void {
    const selections = operationIn(fetch.operation).selectionSet.selections;
    const source = { subgraph: fetch.serviceName, renamed: renamesOf(fetch) };
    if (fetch.requires === undefined) {
      const parents = new Set([this.#rootType]);
      const brought = this.#convert(selections, { ...source, type: this.#rootType, parents, path: [] });
      for (const place of this.#placesAt(path)) place.push(...brought);
      return;
    }
    const entities = selections.flatMap((field) =>
      field.kind === Kind.FIELD ? (field.selectionSet?.selections ?? []) : [],
    );
    const brought = this.#convert(entities, { ...source, type: '_Entity', parents: undefined, path: [] });
    for (const place of this.#placesAt(path)) place.push(...brought);
  }

  /** A plan's paths name lists' elements with `@`; what is in a list is not told apart here. */
  #placesAt(path: ResponsePath): readonly Provided[][] {
    let places: ReadonlySet<Provided[]> = new Set([this.root]);
    for (const step of path) {
      if (step === '@') continue;
      places = new Set(
        [...places].flatMap((place) => place.filter(({ key }) => key === step).map(({ children }) => children)),
      );
    }
    return [...places];
  }

  #convert(selections: readonly SelectionNode[], at: Place): Provided[] {
    return selections.flatMap((selection): Provided[] => {
      if (selection.kind === Kind.FIELD) return this.#convertField(selection, at);
      if (selection.kind === Kind.FRAGMENT_SPREAD) throw new Error('a fetch of the plan has a named fragment');
      const type = selection.typeCondition?.name.value ?? at.type;
      const narrowed =
        selection.typeCondition === undefined
          ? at.parents
          : intersection(at.parents, this.#types.inSubgraph(at.subgraph, type));
      return this.#convert(selection.selectionSet.selections, { ...at, type, parents: narrowed });
    });
  }

  #convertField(field: FieldNode, at: Place): Provided[] {
    const definition = fieldIn(this.#types.schemaOf(at.subgraph), at.type, field.name.value);
    if (definition?.type === undefined) return [];
    const path = [...at.path, field.alias?.value ?? field.name.value];
    const key = at.renamed.get(path.join('.')) ?? path.at(-1) ?? '';
    const type = baseType(definition.type);
    const isLeaf = !isCompositeType(type);
    const parents = at.parents ?? this.#types.inSubgraph(at.subgraph, at.type);
    const returns = isLeaf ? undefined : this.#types.returnedBy(at.subgraph, at.type, field.name.value);
    const children = isLeaf
      ? []
      : this.#convert(field.selectionSet?.selections ?? [], { ...at, type: type.name, parents: returns, path });
    return [{ key, parents, returns, children }];
  }
}

/** Where the walk through a fetch is. */
interface Place {
  readonly subgraph: string;
  /** The static type. */
  readonly type: string;
  /** The object types that it can be; undefined above `_entities`' fragments. */
  readonly parents: ReadonlySet<string> | undefined;
  readonly path: readonly string[];
  /** Names that the plan gives back to what it fetches under another. */
  readonly renamed: ReadonlyMap<string, string>;
}

function renamesOf({ outputRewrites }: FetchNode): ReadonlyMap<string, string> {
  return new Map(
    (outputRewrites ?? []).flatMap((rewrite) =>
      rewrite.kind === 'KeyRenamer'
        ? [[rewrite.path.filter((step) => !step.startsWith('... on ')).join('.'), rewrite.renameKeyTo] as const]
        : [],
    ),
  );
}

function intersection(one: ReadonlySet<string> | undefined, other: ReadonlySet<string>): ReadonlySet<string> {
  return one === undefined ? other : new Set([...one].filter((name) => other.has(name)));
}

function operationIn(text: string): { readonly selectionSet: SelectionSetNode } {
  const [operation] = parse(text, { noLocation: true }).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('a fetch must be one operation');
  return operation;
}

import { baseType, isListType, isNonNullType } from '@apollo/federation-internals';
import type { Schema, Type } from '@apollo/federation-internals';
import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind, parse, print } from 'graphql';
import type { DocumentNode, FieldNode, SelectionNode, SelectionSetNode } from 'graphql';
import type { Requirements } from './requirements.js';
import { printCompact } from './restore-twins.js';
import { fieldIn } from './runtime-types.js';

/** A field that a fetch asks for before its subgraph was told what the field requires. */
export interface EarlyField {
  readonly field: FieldNode;
  /** The object's type, as the subgraph knows it. */
  readonly type: string;
  /** From the place of the fetch to the object, `@` for each level of lists. */
  readonly path: readonly string[];
}

/**
 * Takes out of a fetch what it asks for too early, and puts the key of the object in its place. Where one required field requires
 * another, and the fetch that comes first goes to the subgraph of the former, the planner can forget the latter.
 */
export function withoutEarlyFields(
  fetch: FetchNode,
  { schema, requirements }: { readonly schema: Schema; readonly requirements: Requirements },
): { readonly fetch: FetchNode; readonly early: readonly EarlyField[] } {
  const document = parse(fetch.operation, { noLocation: true });
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('a fetch must be one operation');
  const extractor = new Extractor(fetch.serviceName, { schema, requirements });
  const root = schema.schemaDefinition.rootType(fetch.operationKind)?.name ?? '';
  const selectionSet =
    fetch.requires === undefined
      ? extractor.extract(operation.selectionSet, { type: root, path: [], given: [] })
      : extractor.extractEntities(operation.selectionSet, fetch.requires);
  if (extractor.early.length === 0) return { fetch, early: [] };
  const narrowed: DocumentNode = { kind: Kind.DOCUMENT, definitions: [{ ...operation, selectionSet }] };
  return { fetch: { ...fetch, operation: printCompact(narrowed) }, early: extractor.early };
}

interface Position {
  readonly type: string;
  readonly path: readonly string[];
  /** What the subgraph was told of the objects, or is asked for next to the field and so knows itself. */
  readonly given: readonly Shape[];
}

/** The names that are selected somewhere, with what is selected below them. */
type Shape = ReadonlyMap<string, Shape>;

class Extractor {
  readonly early: EarlyField[] = [];
  readonly #subgraph: string;
  readonly #schema: Schema;
  readonly #requirements: Requirements;

  constructor(
    subgraph: string,
    { schema, requirements }: { readonly schema: Schema; readonly requirements: Requirements },
  ) {
    this.#subgraph = subgraph;
    this.#schema = schema;
    this.#requirements = requirements;
  }

  extractEntities(root: SelectionSetNode, requires: readonly QueryPlanSelectionNode[]): SelectionSetNode {
    const given = [shapeOfRequired(requires)];
    return {
      ...root,
      selections: root.selections.map((entities) =>
        entities.kind === Kind.FIELD && entities.selectionSet !== undefined
          ? { ...entities, selectionSet: this.extract(entities.selectionSet, { type: '_Entity', path: [], given }) }
          : entities,
      ),
    };
  }

  extract(selectionSet: SelectionSetNode, position: Position): SelectionSetNode {
    const here = { ...position, given: [...position.given, shapeOf(selectionSet.selections)] };
    const kept = selectionSet.selections.flatMap((selection) => this.#keep(selection, here));
    const isWhole = kept.length === selectionSet.selections.length;
    if (isWhole) return { ...selectionSet, selections: kept };
    const present = new Set(kept.map(print));
    const key = [TYPENAME, ...this.#key(position.type)].filter((selection) => !present.has(print(selection)));
    return { ...selectionSet, selections: [...kept, ...key] };
  }

  #keep(selection: SelectionNode, at: Position): SelectionNode[] {
    if (selection.kind === Kind.FRAGMENT_SPREAD) throw new Error('a fetch of the plan has a named fragment');
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const type = selection.typeCondition?.name.value ?? at.type;
      return [{ ...selection, selectionSet: this.extract(selection.selectionSet, { ...at, type }) }];
    }
    if (this.#isEarly(selection, at)) {
      this.early.push({ field: selection, type: at.type, path: at.path });
      return [];
    }
    const type = fieldIn(this.#schema, at.type, selection.name.value)?.type;
    if (selection.selectionSet === undefined || type === undefined) return [selection];
    const path = [...at.path, selection.alias?.value ?? selection.name.value, ...listLevels(type)];
    const below = { type: baseType(type).name, path, given: [] };
    return [{ ...selection, selectionSet: this.extract(selection.selectionSet, below) }];
  }

  #isEarly(field: FieldNode, { type, given }: Position): boolean {
    const required = this.#requirements.requiredFor({ subgraph: this.#subgraph, type, field: field.name.value });
    return required !== undefined && !isCovered(shapeOf(required), given);
  }

  #key(type: string): readonly SelectionNode[] {
    const key = this.#requirements.keyOf(this.#subgraph, type);
    if (key === undefined) throw new Error(`${type} has no key in ${this.#subgraph}`);
    return key;
  }
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

function listLevels(type: Type): string[] {
  if (isNonNullType(type)) return listLevels(type.ofType as Type);
  return isListType(type) ? ['@', ...listLevels(type.ofType as Type)] : [];
}

function isCovered(required: Shape, given: readonly Shape[]): boolean {
  return [...required].every(([name, below]) => {
    const found = given.flatMap((shape) => shape.get(name) ?? []);
    return found.length > 0 && isCovered(below, found);
  });
}

/** By response name, because that is how a value is found; what different types are asked for is put together. */
function shapeOf(selections: readonly SelectionNode[]): Shape {
  const shape = new Map<string, Shape>();
  for (const selection of selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) addAll(shape, shapeOf(selection.selectionSet.selections));
    if (selection.kind !== Kind.FIELD) continue;
    addAll(
      shape,
      new Map([[selection.alias?.value ?? selection.name.value, shapeOf(selection.selectionSet?.selections ?? [])]]),
    );
  }
  return shape;
}

function shapeOfRequired(selections: readonly QueryPlanSelectionNode[]): Shape {
  const shape = new Map<string, Shape>();
  for (const selection of selections) {
    const below = shapeOfRequired(selection.selections ?? []);
    addAll(shape, selection.kind === 'InlineFragment' ? below : new Map([[selection.name, below]]));
  }
  return shape;
}

function addAll(shape: Map<string, Shape>, added: Shape): void {
  for (const [name, below] of added) {
    const merged = new Map(shape.get(name));
    addAll(merged, below);
    shape.set(name, merged);
  }
}

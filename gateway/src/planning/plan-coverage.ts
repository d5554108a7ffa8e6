import type { Schema, Supergraph } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import { Kind } from 'graphql';
import type { FieldNode, OperationDefinitionNode, SelectionNode } from 'graphql';
import { PlanContents } from './plan-contents.js';
import type { Provided } from './plan-contents.js';
import { RuntimeTypes } from './runtime-types.js';

/**
 * Finds a field that an operation selects and its plan fetches from nowhere, of which the planner says nothing and for
 * which the client would get null. Undefined when there is none.
 *
 * A field is missed only when it is selected whatever object stands there, and fetched for none of the objects that
 * can: the planner rightly leaves out what is selected on a type that the subgraphs of a shared field do not have in
 * common, and composition has shown that it can get at everything else.
 */
export type FindUncovered = (operation: OperationDefinitionNode, node: QueryPlan['node']) => Uncovered | undefined;

export interface Uncovered {
  /** `Type.field` */
  readonly coordinate: string;
  readonly path: readonly string[];
}

export function createCoverageCheck(supergraph: Supergraph, apiSchema: Schema): FindUncovered {
  const types = new RuntimeTypes(supergraph, apiSchema);
  return (operation, node) => {
    const root = supergraph.schema.schemaDefinition.root(operation.operation)?.type.name;
    if (root === undefined) return undefined;
    const brought = new PlanContents(types, root);
    if (node?.kind === 'Subscription') {
      brought.addFetch(node.primary, []);
      if (node.rest !== undefined) brought.add(node.rest, []);
    } else if (node !== undefined) brought.add(node, []);
    return new Comparison(types).findMissing(
      { selections: operation.selectionSet.selections, provided: brought.root, possible: new Set([root]) },
      [],
    );
  };
}

/** A place in the answer: what is selected there, what is fetched, and what can stand there. */
interface Position {
  readonly selections: readonly SelectionNode[];
  readonly provided: readonly Provided[];
  readonly possible: ReadonlySet<string>;
}

class Comparison {
  readonly #types: RuntimeTypes;

  constructor(types: RuntimeTypes) {
    this.#types = types;
  }

  findMissing(position: Position, path: readonly string[]): Uncovered | undefined {
    const { possible, provided } = position;
    if (possible.size === 0) return undefined;
    const byKey = new Map<string, Provided[]>();
    for (const source of provided) {
      if (intersects(source.parents, possible)) byKey.set(source.key, [...(byKey.get(source.key) ?? []), source]);
    }
    for (const [key, fields] of this.#alwaysSelected(position)) {
      const here = [...path, key];
      const sources = byKey.get(key) ?? [];
      if (sources.length === 0)
        return { coordinate: `${[...possible].join('|')}.${fields[0]?.name.value ?? key}`, path: here };
      const missing = this.#findMissingBelow(sources, fields, here);
      if (missing !== undefined) return missing;
    }
    return undefined;
  }

  #findMissingBelow(
    sources: readonly Provided[],
    fields: readonly FieldNode[],
    path: readonly string[],
  ): Uncovered | undefined {
    const returned = sources.flatMap(({ returns }) => returns ?? []);
    const possible = new Set([...(returned[0] ?? [])].filter((type) => returned.every((types) => types.has(type))));
    const selections = fields.flatMap(({ selectionSet }) => selectionSet?.selections ?? []);
    const provided = [...new Set(sources.flatMap(({ children }) => children))];
    return this.findMissing({ selections, provided, possible }, path);
  }

  /** By response key, without what only some of the possible objects are asked for. */
  #alwaysSelected({ selections, possible }: Position): ReadonlyMap<string, readonly FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    const collect = (selection: SelectionNode): void => {
      if (isConditional(selection)) return;
      if (selection.kind === Kind.FRAGMENT_SPREAD) throw new Error('an operation is planned without named fragments');
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        const types = condition === undefined ? possible : this.#types.inSupergraph(condition);
        if ([...possible].every((type) => types.has(type))) selection.selectionSet.selections.forEach(collect);
        return;
      }
      // Introspection and `__typename` are the gateway's own.
      if (selection.name.value.startsWith('__')) return;
      const key = selection.alias?.value ?? selection.name.value;
      fields.set(key, [...(fields.get(key) ?? []), selection]);
    };
    selections.forEach(collect);
    return fields;
  }
}

function intersects(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const name of one) if (other.has(name)) return true;
  return false;
}

function isConditional({ directives }: SelectionNode): boolean {
  return (directives ?? []).some(({ name }) => name.value === 'skip' || name.value === 'include');
}

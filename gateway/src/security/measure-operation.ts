import { Kind } from 'graphql';
import type { FragmentDefinitionNode, SelectionSetNode } from 'graphql';

/** The size of a selection set, fragments counted at every use. */
export interface OperationSize {
  readonly depth: number;
  readonly aliases: number;
  readonly selections: number;
  readonly directives: number;
  /** Field names at this level, aliases looked through, fragments opened; with repetition. */
  readonly fields: ReadonlyMap<string, number>;
}

const EMPTY: OperationSize = { depth: 0, aliases: 0, selections: 0, directives: 0, fields: new Map() };

/**
 * Measures a selection set without expanding it: each fragment is measured once, so that a bomb of nested fragments
 * costs its length and not its size. A fragment cycle, which validation refuses, counts as empty where it closes.
 */
export function measureOperation(
  selectionSet: SelectionSetNode,
  fragmentOf: (name: string) => FragmentDefinitionNode | null | undefined,
): OperationSize {
  const measured = new Map<string, OperationSize>();

  const measureFragment = (name: string): OperationSize => {
    const known = measured.get(name);
    if (known !== undefined) return known;
    measured.set(name, EMPTY);
    const fragment = fragmentOf(name);
    const size = fragment === null || fragment === undefined ? EMPTY : measure(fragment.selectionSet);
    measured.set(name, size);
    return size;
  };

  const measure = (set: SelectionSetNode): OperationSize => {
    const total = { depth: 0, aliases: 0, selections: 0, directives: 0, fields: new Map<string, number>() };
    const include = (size: Omit<OperationSize, 'fields'>): void => {
      total.depth = Math.max(total.depth, size.depth);
      total.aliases += size.aliases;
      total.selections += size.selections;
      total.directives += size.directives;
    };
    for (const selection of set.selections) {
      total.directives += selection.directives?.length ?? 0;
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        const inner = selection.selectionSet === undefined ? EMPTY : measure(selection.selectionSet);
        // Introspection is deep by nature, bounded by the schema, and switched off where it is not wanted.
        include({ ...inner, depth: name.startsWith('__') ? 0 : inner.depth + 1 });
        total.selections += 1;
        if (selection.alias !== undefined) total.aliases += 1;
        count(total.fields, name, 1);
      } else {
        const inner =
          selection.kind === Kind.FRAGMENT_SPREAD
            ? measureFragment(selection.name.value)
            : measure(selection.selectionSet);
        include(inner);
        for (const [name, times] of inner.fields) count(total.fields, name, times);
      }
    }
    return total;
  };

  return measure(selectionSet);
}

function count(fields: Map<string, number>, name: string, times: number): void {
  fields.set(name, (fields.get(name) ?? 0) + times);
}

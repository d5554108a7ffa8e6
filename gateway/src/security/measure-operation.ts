import { Kind } from 'graphql';
import type { FragmentDefinitionNode, SelectionSetNode } from 'graphql';

/** The size of a selection set, fragments counted at every use. */
export interface OperationSize {
  readonly depth: number;
  readonly aliases: number;
  readonly selections: number;
  readonly directives: number;
  /**
   * What validation is going to compare at least: fields under one response key are held against each other, each with
   * each, and so is what is selected of them.
   */
  readonly comparisons: number;
  /** Field names at this level, aliases looked through, fragments opened; with repetition. */
  readonly fields: ReadonlyMap<string, number>;
}

/** Fields of one response key at one level. */
interface Repeated {
  readonly times: number;
  /** Fields below all of them. */
  readonly below: number;
}

/** A selection set whose level is still open: the set that a fragment stands in adds its own fields to the level. */
interface OpenSize extends OperationSize {
  readonly keys: ReadonlyMap<string, Repeated>;
}

const EMPTY: OpenSize = {
  depth: 0,
  aliases: 0,
  selections: 0,
  directives: 0,
  comparisons: 0,
  fields: new Map(),
  keys: new Map(),
};

/**
 * Measures a selection set without expanding it: each fragment is measured once, so that a bomb of nested fragments
 * costs its length and not its size. A fragment cycle, which validation refuses, counts as empty where it closes.
 */
export function measureOperation(
  selectionSet: SelectionSetNode,
  fragmentOf: (name: string) => FragmentDefinitionNode | null | undefined,
): OperationSize {
  const measured = new Map<string, OpenSize>();

  const measureFragment = (name: string): OpenSize => {
    const known = measured.get(name);
    if (known !== undefined) return known;
    measured.set(name, EMPTY);
    const fragment = fragmentOf(name);
    const size = fragment === null || fragment === undefined ? EMPTY : measure(fragment.selectionSet);
    measured.set(name, size);
    return size;
  };

  const measure = (set: SelectionSetNode): OpenSize => {
    const total = {
      depth: 0,
      aliases: 0,
      selections: 0,
      directives: 0,
      comparisons: 0,
      fields: new Map<string, number>(),
      keys: new Map<string, Repeated>(),
    };
    for (const selection of set.selections) {
      const isField = selection.kind === Kind.FIELD;
      const inner = isField
        ? selection.selectionSet === undefined
          ? EMPTY
          : closed(measure(selection.selectionSet))
        : selection.kind === Kind.FRAGMENT_SPREAD
          ? measureFragment(selection.name.value)
          : measure(selection.selectionSet);
      total.directives += (selection.directives?.length ?? 0) + inner.directives;
      total.aliases += inner.aliases;
      total.selections += inner.selections;
      total.comparisons += inner.comparisons;
      if (isField) {
        const name = selection.name.value;
        // Introspection is deep by nature, bounded by the schema, and switched off where it is not wanted.
        total.depth = Math.max(total.depth, name.startsWith('__') ? 0 : inner.depth + 1);
        total.selections += 1;
        if (selection.alias !== undefined) total.aliases += 1;
        count(total.fields, name, 1);
        repeat(total.keys, selection.alias?.value ?? name, { times: 1, below: inner.selections });
      } else {
        total.depth = Math.max(total.depth, inner.depth);
        for (const [name, times] of inner.fields) count(total.fields, name, times);
        for (const [key, repeated] of inner.keys) repeat(total.keys, key, repeated);
      }
    }
    return total;
  };

  return closed(measure(selectionSet));
}

function count(fields: Map<string, number>, name: string, times: number): void {
  fields.set(name, (fields.get(name) ?? 0) + times);
}

function repeat(keys: Map<string, Repeated>, key: string, { times, below }: Repeated): void {
  const known = keys.get(key);
  keys.set(key, known === undefined ? { times, below } : { times: known.times + times, below: known.below + below });
}

function closed(size: OpenSize): OpenSize {
  let { comparisons } = size;
  for (const { times, below } of size.keys.values()) {
    if (times > 1) comparisons += ((times * (times - 1)) / 2) * (1 + (below / times) ** 2);
  }
  return { ...size, comparisons };
}

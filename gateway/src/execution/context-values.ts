import type { FetchDataKeyRenamer } from '@apollo/query-planner';
import { isData } from './data.js';
import type { Data } from './data.js';
import type { Overlay } from './overlay.js';
import type { PossibleTypes } from './possible-types.js';

/** An entity with the objects around it, outermost first and itself last. */
export type Lineage = readonly Data[];

/** Entities at a path, each with what is around it: `@context` looks there. */
export function lineagesAt(root: Data, path: readonly string[], overlay: Overlay): Lineage[] {
  const found: Lineage[] = [];
  const walk = (value: unknown, depth: number, around: Lineage): void => {
    const step = path[depth];
    if (step === '@') {
      if (Array.isArray(value)) for (const element of value) walk(element, depth + 1, around);
    } else if (isData(value)) {
      if (step === undefined) found.push([...around, value]);
      else walk(overlay.read(value, step), depth + 1, [...around, value]);
    }
  };
  walk(root, 0, []);
  return found;
}

/** The values that an entity's surroundings give to the arguments of `@fromContext`, as JSON text by variable. */
export type ReadContext = (lineage: Lineage, overlay: Overlay) => ReadonlyMap<string, string>;

const UP = '..';
const CONDITION = '... on ';

/** Compiles what a fetch takes from around its entities. Several rewrites of one variable are for different types around. */
export function compileContext(rewrites: readonly FetchDataKeyRenamer[], possibleTypes: PossibleTypes): ReadContext {
  return (lineage, overlay) => {
    const values = new Map<string, string>();
    for (const { path, renameKeyTo } of rewrites) {
      if (values.has(renameKeyTo)) continue;
      const value = follow(lineage, path, { possibleTypes, overlay });
      if (value !== undefined) values.set(renameKeyTo, JSON.stringify(value));
    }
    return values;
  };
}

interface Look {
  readonly possibleTypes: PossibleTypes;
  readonly overlay: Overlay;
}

function follow(lineage: Lineage, path: readonly string[], look: Look): unknown {
  let up = 0;
  while (path[up] === UP) up += 1;
  return descend(lineage.at(-1 - up), path.slice(up), look);
}

function descend(value: unknown, path: readonly string[], look: Look): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(value)) return value.map((element) => descend(element, path, look));
  if (!isData(value)) return value === null ? null : undefined;
  if (!step.startsWith(CONDITION)) return descend(look.overlay.read(value, step), rest, look);
  const typename = look.overlay.read(value, '__typename');
  const applies = typeof typename !== 'string' || look.possibleTypes(step.slice(CONDITION.length)).has(typename);
  return applies ? descend(value, rest, look) : undefined;
}

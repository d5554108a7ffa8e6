import { isData } from './data.js';
import type { Data } from './data.js';
import type { Overlay } from './overlay.js';

type Path = readonly (string | number)[];

/**
 * The objects that stand at a path of the data; `@` is each element of a list. With `areShared` one object can stand
 * at several places, and is taken once.
 */
export function objectsAt(
  root: Data,
  path: readonly string[],
  { overlay, areShared }: { readonly overlay: Overlay; readonly areShared: boolean },
): Data[] {
  let reached: unknown[] = [root];
  for (const step of path) {
    const next: unknown[] = [];
    if (step === '@') for (const value of reached) spread(value, next);
    else
      for (const value of reached) {
        const found = overlay.read(value as Data, step);
        if (typeof found === 'object' && found !== null) next.push(found);
      }
    reached = areShared ? [...new Set(next)] : next;
  }
  return reached.some(Array.isArray) ? reached.filter(isData) : (reached as Data[]);
}

function spread(value: unknown, into: unknown[]): void {
  if (!Array.isArray(value)) return;
  for (const element of value) if (typeof element === 'object' && element !== null) into.push(element);
}

/** Errors are rare and their number is the subgraph's: more places than these are not looked for. */
const MOST_PLACES = 100;

/** Every place below the path at which the object stands. */
export function placesOf(
  target: Data,
  path: readonly string[],
  { root, overlay }: { readonly root: Data; readonly overlay: Overlay },
): Path[] {
  const found: Path[] = [];
  const look = (value: unknown, depth: number, at: Path): void => {
    if (found.length >= MOST_PLACES) return;
    const step = path[depth];
    if (step === undefined) {
      if (value === target) found.push(at);
    } else if (step === '@') {
      if (Array.isArray(value)) value.forEach((element, index) => look(element, depth + 1, [...at, index]));
    } else if (isData(value)) look(overlay.read(value, step), depth + 1, [...at, step]);
  };
  look(root, 0, []);
  return found;
}

/** The path as far as all objects at it share it: up to its first list. */
export function commonPath(path: readonly string[]): Path {
  const list = path.indexOf('@');
  return list === -1 ? path : path.slice(0, list);
}

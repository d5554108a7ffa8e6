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

/** One object can stand at any number of places; so many of them are told. */
const MOST_PLACES = 100;

/** Where the objects at a path stand: walked once, however many of them are asked for. */
export type PlacesOf = (target: Data, path: readonly string[]) => readonly Path[];

export function createPlaces({ root, overlay }: { readonly root: Data; readonly overlay: Overlay }): PlacesOf {
  const known = new Map<string, Map<unknown, Path[]>>();
  const walk = (path: readonly string[]): Map<unknown, Path[]> => {
    const found = new Map<unknown, Path[]>();
    const look = (value: unknown, depth: number, at: Path): void => {
      const step = path[depth];
      if (step === undefined) {
        const places = found.get(value);
        if (places === undefined) found.set(value, [at]);
        else if (places.length < MOST_PLACES) places.push(at);
      } else if (step === '@') {
        if (Array.isArray(value)) value.forEach((element, index) => look(element, depth + 1, [...at, index]));
      } else if (isData(value)) look(overlay.read(value, step), depth + 1, [...at, step]);
    };
    look(root, 0, []);
    return found;
  };
  return (target, path) => {
    const key = JSON.stringify(path);
    let places = known.get(key);
    if (places === undefined) known.set(key, (places = walk(path)));
    return places.get(target) ?? [];
  };
}

/** The path as far as all objects at it share it: up to its first list. */
export function commonPath(path: readonly string[]): Path {
  const list = path.indexOf('@');
  return list === -1 ? path : path.slice(0, list);
}

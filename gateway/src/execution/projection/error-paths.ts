import type { GraphQLError } from 'graphql';

type Path = readonly (string | number)[];

/** The paths of errors, looked up by place: there may be as many errors as there are entities. */
export interface ErrorPaths {
  /** An error stands at the place or below it. */
  hasWithin(place: Path): boolean;
  /** An error stands at the place or at one around it. */
  hasAround(place: Path): boolean;
}

export function createErrorPaths(errors: readonly GraphQLError[]): ErrorPaths {
  const places = new Set<string>();
  const around = new Set<string>();
  for (const { path = [] } of errors) {
    places.add(keyOf(path, path.length));
    for (let length = 0; length <= path.length; length += 1) around.add(keyOf(path, length));
  }
  return {
    hasWithin: (place) => around.has(keyOf(place, place.length)),
    hasAround: (place) => {
      for (let length = 0; length <= place.length; length += 1) if (places.has(keyOf(place, length))) return true;
      return false;
    },
  };
}

function keyOf(path: Path, length: number): string {
  return JSON.stringify(length === path.length ? path : path.slice(0, length));
}

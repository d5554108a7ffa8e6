import { conditionSchema } from '@orion/platform/access';
import type { Condition } from '@orion/platform/access';
import type { z } from 'zod';

/** A condition as it was sent, or what is wrong with it and where. */
export function readCondition(
  value: unknown,
): { readonly condition: Condition } | { readonly path: readonly string[]; readonly message: string } {
  const parsed = conditionSchema.safeParse(value);
  if (parsed.success) return { condition: parsed.data };
  const faults = faultsIn(parsed.error.issues).map(({ path, message }) => ({ path: placeIn(value, path), message }));
  // A condition is one of many shapes, and what it is not is a fault of each: that of the shape which was meant is the
  // one that lies deepest.
  const deepest = Math.max(...faults.map(({ path }) => path.length));
  return faults.find(({ path }) => path.length === deepest) ?? { path: [], message: 'is no condition' };
}

interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function faultsIn(issues: readonly z.core.$ZodIssue[]): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    if (issue.code !== 'invalid_union') return [issue];
    const inner = issue.errors.flatMap(faultsIn).map((fault) => ({ ...fault, path: [...issue.path, ...fault.path] }));
    return [{ path: issue.path, message: 'is no condition' }, ...inner];
  });
}

/** As much of the path as is there: where something is missing, what it is missing in. */
function placeIn(value: unknown, path: readonly PropertyKey[]): string[] {
  const place: string[] = [];
  let at = value;
  for (const key of path.map(String)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) break;
    at = (at as Readonly<Record<string, unknown>>)[key];
    place.push(key);
  }
  return place;
}

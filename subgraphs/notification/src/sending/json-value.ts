const DEEPEST = 32;

/** NUL and halves of a surrogate pair: JSON can say them, jsonb refuses them. */
const NOT_STORABLE = /[\0\p{Cs}]/u;

/** Whether jsonb can hold the value, and nobody needs a deep stack to walk it. */
export function isStorableJson(value: unknown, depth = 0): boolean {
  if (depth > DEEPEST) return false;
  if (typeof value === 'string') return !NOT_STORABLE.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, item]) => !NOT_STORABLE.test(key) && isStorableJson(item, depth + 1));
}

/** JSON in which the order of an object's keys makes no difference: the same for the same value. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** A JSON object of a subgraph's answer. */
export type Data = Record<string, unknown>;

export function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Own properties only: a response key may be called `constructor` or `__proto__`, by the client's choice. */
export function get(data: Data, key: string): unknown {
  return Object.hasOwn(data, key) ? data[key] : undefined;
}

/** Assigning to `__proto__` would change the object's kind instead of its content. */
export function set(data: Data, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(data, key, { value, enumerable: true, configurable: true, writable: true });
  else data[key] = value;
}

/**
 * Adds what a later fetch found out to what is known, in place. Objects and lists of equal length are joined element
 * by element; anything else is replaced.
 */
export function merge(target: Data, source: Data): void {
  for (const key of Object.keys(source)) {
    const found = get(source, key);
    if (found === undefined) continue;
    const known = get(target, key);
    if (isData(known) && isData(found)) merge(known, found);
    else if (Array.isArray(known) && Array.isArray(found) && known.length === found.length) mergeLists(known, found);
    else set(target, key, found);
  }
}

function mergeLists(target: unknown[], source: readonly unknown[]): void {
  source.forEach((found, index) => {
    const known = target[index];
    if (isData(known) && isData(found)) merge(known, found);
    else if (Array.isArray(known) && Array.isArray(found) && known.length === found.length) mergeLists(known, found);
    else target[index] = found;
  });
}

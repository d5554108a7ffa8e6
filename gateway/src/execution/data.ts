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

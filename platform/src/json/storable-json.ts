const DEEPEST = 32;

/** NUL and halves of a surrogate pair: JSON can say them, text and jsonb of Postgres refuse or change them. */
const NOT_STORABLE = /[\0\p{Cs}]/u;
const REPLACEMENT = '\ufffd';

/** Whether jsonb can hold the value, and nobody needs a deep stack to walk it. */
export function isStorableJson(value: unknown, depth = 0): boolean {
  if (depth > DEEPEST) return false;
  if (typeof value === 'string') return !NOT_STORABLE.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, item]) => !NOT_STORABLE.test(key) && isStorableJson(item, depth + 1));
}

/** The text as Postgres can store it: each character that it refuses becomes U+FFFD. */
export function storableText(text: string): string {
  return text.replace(new RegExp(NOT_STORABLE, 'gu'), REPLACEMENT);
}

/** The value with every text in it, keys included, as Postgres can store it. */
export function storableJson(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storableJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), storableJson(item)]));
}

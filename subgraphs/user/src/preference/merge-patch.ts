import { isStorableJson } from '@orion/platform/json';

/** Keys with which JSON could reach the prototype of objects that somebody merges it into. */
const UNSAFE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object that can be stored, with no key in it, at any depth, that could do harm later. */
export function isPlainData(value: unknown): value is JsonObject {
  return isObject(value) && isStorableJson(value) && hasSafeKeys(value);
}

/** JSON Merge Patch (RFC 7396) of two values that {@link isPlainData}. */
export function mergePatch(target: unknown, patch: JsonObject): JsonObject {
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, isObject(value) ? mergePatch(merged.get(key), value) : value);
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasSafeKeys(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, item]) => !UNSAFE_KEYS.has(key) && hasSafeKeys(item));
}

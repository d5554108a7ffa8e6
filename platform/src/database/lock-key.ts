import { createHash } from 'node:crypto';

const KEY_BYTES = 6;

/**
 * The key of the advisory lock of a purpose, for instance `lockKey('migrations')`. Derived from the name, so that two
 * purposes in one database never share a key because two people chose the same number.
 */
export function lockKey(purpose: string): number {
  return createHash('sha256').update(`orion:${purpose}`).digest().readUIntBE(0, KEY_BYTES);
}

import { createHmac, createSecretKey, hkdfSync } from 'node:crypto';

/** Hashes what is too short to be safe as a plain hash: whoever has only the database cannot try all there are. */
export interface KeyedHash {
  /** With the present key. */
  of(text: string): Buffer;
  /** With each key that is known, the present one first: what an earlier one made is found too. */
  all(text: string): Buffer[];
}

/**
 * HMAC-SHA-256 under a key of its own for `purpose`, derived from the platform's (HKDF, RFC 5869).
 * @param keys 32 bytes in base64 each, the present one first, with commas between them
 */
export function createKeyedHash(keys: string, purpose: string): KeyedHash {
  const derived = keys
    .split(',')
    .map((key) =>
      createSecretKey(
        Buffer.from(hkdfSync('sha256', Buffer.from(key.trim(), 'base64'), '', `orion:keyed-hash:${purpose}`, 32)),
      ),
    );
  const all = (text: string) => derived.map((key) => createHmac('sha256', key).update(text).digest());
  return {
    all,
    of(text) {
      const [present] = all(text);
      if (present === undefined) throw new Error('no key to hash with');
      return present;
    },
  };
}

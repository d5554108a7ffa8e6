import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

const VERSION = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Sealed text that was tampered with, or sealed for another purpose or with another key. */
export class SealBrokenError extends Error {
  override readonly name = 'SealBrokenError';
}

/** Encrypts small secrets that must rest in a table or travel in an event. */
export interface Sealer {
  /** Returns `v1.<base64url>`: AES-256-GCM (NIST SP 800-38D) under a key of its own for `purpose`. */
  seal(plain: string, purpose: string): string;
  /** Throws {@link SealBrokenError} unless the text was sealed for the same purpose with the same key. */
  open(sealed: string, purpose: string): string;
}

/** @param key 32 bytes in base64; each purpose gets a key derived from it (HKDF, RFC 5869). */
export function createSealer(key: string): Sealer {
  const master = Buffer.from(key, 'base64');
  const keys = new Map<string, KeyObject>();
  // Deriving costs as much as sealing. Purposes are names in the code, so there are few.
  const keyFor = (purpose: string): KeyObject => {
    const known = keys.get(purpose);
    if (known !== undefined) return known;
    const derived = createSecretKey(Buffer.from(hkdfSync('sha256', master, '', `orion:${purpose}`, 32)));
    keys.set(purpose, derived);
    return derived;
  };
  return {
    seal(plain, purpose) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', keyFor(purpose), nonce);
      const body = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${VERSION}.${body.toString('base64url')}`;
    },
    open(sealed, purpose) {
      const [version, text = ''] = sealed.split('.');
      const body = Buffer.from(text, 'base64url');
      if (version !== VERSION || body.length < NONCE_BYTES + TAG_BYTES) throw new SealBrokenError('not a sealed text');
      const decipher = createDecipheriv('aes-256-gcm', keyFor(purpose), body.subarray(0, NONCE_BYTES));
      decipher.setAuthTag(body.subarray(-TAG_BYTES));
      try {
        return decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch (error) {
        throw new SealBrokenError(`seal broken or not meant for ${purpose}`, { cause: error });
      }
    },
  };
}

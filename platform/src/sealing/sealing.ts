import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** Texts without the id of their key, as they were made before keys could be changed. */
const WITHOUT_KEY_ID = 'v1';
const WITH_KEY_ID = 'v2';
const KEY_ID_BYTES = 6;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Sealed text that was tampered with, or sealed for another purpose or with another key. */
export class SealBrokenError extends Error {
  override readonly name = 'SealBrokenError';
}

/** Encrypts small secrets that must rest in a table or travel in an event. */
export interface Sealer {
  /** Returns `v2.<key id>.<base64url>`: AES-256-GCM (NIST SP 800-38D) under a key of its own for `purpose`. */
  seal(plain: string, purpose: string): string;
  /** Throws {@link SealBrokenError} unless the text was sealed for the same purpose with a key that is known here. */
  open(sealed: string, purpose: string): string;
  /** What all texts begin with that were sealed with the present key: others are to be sealed anew. */
  readonly prefix: string;
}

/** A platform key, and those derived from it. */
interface SealingKey {
  readonly id: string;
  /** Key of a purpose (HKDF, RFC 5869). */
  forPurpose(purpose: string): KeyObject;
}

/** @param secrets 32 bytes in base64; behind commas earlier ones, with which texts can still be opened. */
export function createSealer(secrets: string): Sealer {
  const [first = '', ...earlier] = secrets.split(',');
  const current = deriveKeys(first);
  const keys = [current, ...earlier.map(deriveKeys)];
  const prefix = `${WITH_KEY_ID}.${current.id}.`;
  return {
    prefix,
    seal(plain, purpose) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', current.forPurpose(purpose), nonce);
      const body = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return prefix + body.toString('base64url');
    },
    open(sealed, purpose) {
      const { keyId, body } = readSealed(sealed);
      const candidates = keys.filter(({ id }) => keyId === null || keyId === id);
      if (candidates.length === 0) throw new SealBrokenError('seal broken, or of a key that is not known here');
      let cause: unknown;
      for (const candidate of candidates) {
        try {
          return decrypt(body, candidate.forPurpose(purpose));
        } catch (error) {
          // Of a text without the id of its key another one may be it.
          cause = error;
        }
      }
      throw new SealBrokenError(`seal broken or not meant for ${purpose}`, { cause });
    },
  };
}

function deriveKeys(key: string): SealingKey {
  const master = Buffer.from(key, 'base64');
  const derive = (info: string, bytes: number): Buffer => Buffer.from(hkdfSync('sha256', master, '', info, bytes));
  const keys = new Map<string, KeyObject>();
  return {
    id: derive('orion-key-id', KEY_ID_BYTES).toString('base64url'),
    // Deriving costs as much as sealing. Purposes are names in the code, so there are few.
    forPurpose(purpose) {
      const known = keys.get(purpose) ?? createSecretKey(derive(`orion:${purpose}`, 32));
      keys.set(purpose, known);
      return known;
    },
  };
}

function readSealed(sealed: string): { readonly keyId: string | null; readonly body: Buffer } {
  const parts = sealed.split('.');
  const [version, keyId = null] = parts.length === 3 ? parts : [parts[0]];
  const body = Buffer.from(parts.at(-1) ?? '', 'base64url');
  const isKnown = version === (parts.length === 3 ? WITH_KEY_ID : WITHOUT_KEY_ID);
  if (!isKnown || parts.length > 3 || body.length < NONCE_BYTES + TAG_BYTES)
    throw new SealBrokenError('not a sealed text');
  return { keyId, body };
}

function decrypt(body: Buffer, key: KeyObject): string {
  const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(body.subarray(-TAG_BYTES));
  return decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}

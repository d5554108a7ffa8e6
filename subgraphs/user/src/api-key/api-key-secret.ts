import { hash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PREFIX_LENGTH = 8;
const SECRET_BYTES = 32;
const KEY = /^orion_([0-9A-Za-z]{8})_[\w-]{43}$/;

/** A new key: the text for its owner, and what is kept of it. */
export interface ApiKeySecret {
  readonly text: string;
  readonly prefix: string;
  readonly hash: Buffer;
}

/** 256 random bits behind a prefix that is shown, so that people and scanners for secrets know what it is. */
export function createSecret(): ApiKeySecret {
  const prefix = Array.from({ length: PREFIX_LENGTH }, () => BASE62[randomInt(BASE62.length)]).join('');
  const text = `orion_${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { text, prefix, hash: hashOf(text) };
}

/** The prefix of what looks like a key, null for anything else. */
export function prefixOf(text: string): string | null {
  return KEY.exec(text)?.[1] ?? null;
}

/** Whether a text is the key of which this hash was kept. Takes as long whatever the text is. */
export function isKeyOf(text: string, kept: Buffer): boolean {
  return timingSafeEqual(hashOf(text), kept);
}

function hashOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

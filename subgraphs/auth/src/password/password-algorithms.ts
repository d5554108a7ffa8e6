import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2';
import bcrypt from 'bcrypt';

/** What new passwords can be hashed with. */
export type AlgorithmName = 'argon2id' | 'bcrypt';

/** Cost of argon2id: memory in KiB, passes, lanes. */
export interface Argon2Cost {
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** OWASP minimum for argon2id: 19 MiB, two passes, one lane. */
export const ARGON2ID_COST: Argon2Cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** bcrypt reads no more bytes than these: what comes after them would not count. */
export const BCRYPT_BYTES = 72;

/** A way to hash, with its cost. The stored text says which it was, so any of them can be checked at any time. */
export interface Algorithm {
  /** Longest password in bytes of UTF-8; null for any. */
  readonly mostBytes: number | null;
  hash(password: string): Promise<string>;
  /** Whether a stored hash is of this algorithm at this cost. */
  made(stored: string): boolean;
}

const ARGON2_ID = 2;

export function argon2id(cost: Argon2Cost): Algorithm {
  const { memoryCost, timeCost, parallelism } = cost;
  const prefix = `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$`;
  return {
    mostBytes: null,
    hash: (password) => argon2Hash(password, { algorithm: ARGON2_ID, ...cost }),
    made: (stored) => stored.startsWith(prefix),
  };
}

export function bcryptOf(cost: number): Algorithm {
  return {
    mostBytes: BCRYPT_BYTES,
    hash: (password) => bcrypt.hash(password, cost),
    made: (stored) => stored.startsWith(`$2b$${String(cost).padStart(2, '0')}$`),
  };
}

/** Checks a password against any hash that is known: argon2 with any parameters, bcrypt as $2a$, $2b$ and $2y$. */
export async function verifyHash(password: string, stored: string): Promise<boolean> {
  if (/^\$argon2(?:id|i|d)\$/.test(stored)) return argon2Verify(stored, password);
  if (!/^\$2[aby]\$/.test(stored)) throw new Error('a stored password hash is of an unknown kind');
  // $2y$ is PHP's name for $2b$, which the library knows.
  const matches = await bcrypt.compare(password, stored.replace(/^\$2y\$/, '$2b$'));
  // The same work for all, and then: two passwords that differ behind the last byte that is read are not the same one.
  return matches && Buffer.byteLength(password) <= BCRYPT_BYTES;
}

import { availableParallelism } from 'node:os';
import { createGate } from './gate.js';
import { ARGON2ID_COST, argon2id, bcryptOf, verifyHash } from './password-algorithms.js';
import type { AlgorithmName, Argon2Cost } from './password-algorithms.js';

/** Waiting longer than this many hashes would not be an answer any more. */
const QUEUE_LIMIT = 200;
const RETRY_AFTER_SECONDS = 2;

/** How passwords are hashed from now on. */
export interface HasherOptions {
  readonly algorithm?: AlgorithmName;
  readonly bcryptCost?: number;
  readonly argon2Cost?: Argon2Cost;
  /** Hashes at once; as many as the machine has cores when left out. */
  readonly concurrency?: number | undefined;
  readonly queueLimit?: number;
}

/** Hashes and checks passwords, never more at once than the machine has cores. */
export interface PasswordHasher {
  /** Longest password in bytes of UTF-8 that can be hashed; null for any. */
  readonly mostBytes: number | null;
  hash(password: string): Promise<string>;
  /**
   * With `stored` null the same work is done on a decoy, so that time does not tell whether an account exists. The decoy
   * costs what a new hash costs: an account whose hash was made otherwise differs until its owner signs in once more.
   */
  verify(password: string, stored: string | null): Promise<boolean>;
  /** A new hash for a right password whose stored one is not what would be made today; null when it is, or cannot be. */
  renew(password: string, stored: string): Promise<string | null>;
}

/** Throws RATE_LIMITED when the queue is full: a flood of logins must not stop everything else. */
export async function createPasswordHasher({
  algorithm = 'argon2id',
  bcryptCost = 12,
  argon2Cost = ARGON2ID_COST,
  concurrency = availableParallelism(),
  queueLimit = QUEUE_LIMIT,
}: HasherOptions = {}): Promise<PasswordHasher> {
  const current = algorithm === 'bcrypt' ? bcryptOf(bcryptCost) : argon2id(argon2Cost);
  const { mostBytes } = current;
  const decoy = await current.hash('decoy');
  const gate = createGate({ concurrency, queueLimit, retryAfter: RETRY_AFTER_SECONDS });
  const fits = (password: string) => mostBytes === null || Buffer.byteLength(password) <= mostBytes;
  const hash = (password: string): Promise<string> => {
    if (!fits(password)) throw new Error(`a password of more than ${mostBytes} bytes was to be hashed`);
    return gate.run(() => current.hash(password));
  };
  return {
    mostBytes,
    hash: (password) => hash(normalise(password)),
    verify: async (password, stored) => {
      const matches = await gate.run(() => verifyHash(normalise(password), stored ?? decoy));
      return stored !== null && matches;
    },
    renew: (password, stored) => {
      const normal = normalise(password);
      return current.made(stored) || !fits(normal) ? Promise.resolve(null) : hash(normal);
    },
  };
}

/** NFC (NIST SP 800-63B): the same characters typed on another keyboard are the same password. */
export function normalise(password: string): string {
  return password.normalize('NFC');
}

import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { createGate } from './gate.js';

/** OWASP minimum for argon2id: 19 MiB, two passes, one lane. */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Waiting longer than this many hashes would not be an answer any more. */
const QUEUE_LIMIT = 200;
const RETRY_AFTER_SECONDS = 2;

/** Hashes and checks passwords, never more at once than the machine has cores. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** With `stored` null the same work is done on a decoy, so that time does not tell whether an account exists. */
  verify(password: string, stored: string | null): Promise<boolean>;
}

/** Throws RATE_LIMITED when the queue is full: a flood of logins must not stop everything else. */
export async function createPasswordHasher({
  concurrency = availableParallelism(),
}: { readonly concurrency?: number | undefined } = {}): Promise<PasswordHasher> {
  const decoy = await hash('decoy', ARGON2ID);
  const gate = createGate({ concurrency, queueLimit: QUEUE_LIMIT, retryAfter: RETRY_AFTER_SECONDS });
  return {
    hash: (password) => gate.run(() => hash(normalise(password), ARGON2ID)),
    verify: async (password, stored) => {
      const matches = await gate.run(() => verify(stored ?? decoy, normalise(password)));
      return stored !== null && matches;
    },
  };
}

/** NFC (NIST SP 800-63B): the same characters typed on another keyboard are the same password. */
function normalise(password: string): string {
  return password.normalize('NFC');
}

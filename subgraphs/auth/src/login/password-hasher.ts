import { availableParallelism } from 'node:os';
import { rateLimited } from '@orion/platform/errors';
import { hash, verify } from '@node-rs/argon2';

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
  const waiting: (() => void)[] = [];
  let running = 0;
  const limited = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= concurrency) {
      if (waiting.length >= QUEUE_LIMIT) throw rateLimited(RETRY_AFTER_SECONDS);
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place is handed on, so `running` stays as it is.
      if (next === undefined) running -= 1;
      else next();
    }
  };
  return {
    hash: (password) => limited(() => hash(normalise(password), ARGON2ID)),
    verify: async (password, stored) => {
      const matches = await limited(() => verify(stored ?? decoy, normalise(password)));
      return stored !== null && matches;
    },
  };
}

/** NFC (NIST SP 800-63B): the same characters typed on another keyboard are the same password. */
function normalise(password: string): string {
  return password.normalize('NFC');
}

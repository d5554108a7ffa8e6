import { createHash, randomBytes } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { OneTimeToken } from './one-time-token.entity.js';

/** What a token is for; part of its key, so that it can be used for nothing else. */
export type TokenPurpose = 'verify-email' | 'unlock-account';

const TOKEN_BYTES = 32;

/** SHA-256: the database never holds what would let somebody in. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** 256 random bits, base64url. */
export function randomToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Makes a token and forgets it: only the caller has the plain text. Older ones of the purpose stop working. */
export async function issueToken(
  manager: EntityManager,
  { userId, purpose, seconds }: { readonly userId: string; readonly purpose: TokenPurpose; readonly seconds: number },
): Promise<string> {
  const token = randomToken();
  await manager.delete(OneTimeToken, { userId, purpose });
  await manager.insert(OneTimeToken, {
    userId,
    purpose,
    hash: hashToken(token),
    expiresAt: new Date(Date.now() + seconds * 1_000),
  });
  return token;
}

/** Whose token it is, be it good or not; null when it is unknown. */
export async function ownerOfToken(
  manager: EntityManager,
  { token, purpose }: { readonly token: string; readonly purpose: TokenPurpose },
): Promise<string | null> {
  return (await manager.findOneBy(OneTimeToken, { purpose, hash: hashToken(token) }))?.userId ?? null;
}

/** Uses a token up. Returns whose it was, or null when it is unknown, used, expired or for something else. */
export async function consumeToken(
  manager: EntityManager,
  { token, purpose }: { readonly token: string; readonly purpose: TokenPurpose },
): Promise<string | null> {
  // One conditional UPDATE: of many concurrent uses exactly one gets the row.
  const result = await manager
    .createQueryBuilder()
    .update(OneTimeToken)
    .set({ consumedAt: () => 'now()' })
    .where('purpose = :purpose AND hash = :hash AND consumed_at IS NULL AND expires_at > now()', {
      purpose,
      hash: hashToken(token),
    })
    .returning('user_id')
    .execute();
  const [row] = result.raw as { user_id: string }[];
  return row?.user_id ?? null;
}

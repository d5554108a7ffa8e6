import type { EntityManager } from 'typeorm';

/**
 * With how many things somebody can sign in by themselves: a password, passkeys, identities at providers. Locks the
 * account until the commit, so that two removals at once do not each leave the other's.
 */
export async function remainingCredentials(manager: EntityManager, userId: string): Promise<number> {
  await manager.query('SELECT 1 FROM credentials WHERE user_id = $1 FOR NO KEY UPDATE', [userId]);
  const [row] = await manager.query<{ count: number }[]>(
    `SELECT (SELECT count(*) FROM credentials WHERE user_id = $1 AND password_hash IS NOT NULL)::int
          + (SELECT count(*) FROM passkeys WHERE user_id = $1)::int
          + (SELECT count(*) FROM oauth_providers WHERE user_id = $1)::int AS count`,
    [userId],
  );
  return row?.count ?? 0;
}

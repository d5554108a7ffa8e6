import type { EntityManager } from 'typeorm';

/**
 * From now on every device of the user has to give the second factor again, and sign-ins that wait for one have to
 * begin anew. For what changes the password or a factor, in the caller's transaction.
 */
export async function untrustDevices(manager: EntityManager, userId: string): Promise<void> {
  await manager.query('UPDATE devices SET trusted_until = NULL WHERE user_id = $1 AND trusted_until IS NOT NULL', [
    userId,
  ]);
  await manager.query('DELETE FROM mfa_challenges WHERE user_id = $1', [userId]);
}

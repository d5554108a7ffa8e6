import type { EntityManager } from 'typeorm';
import { untrustDevices } from '../device/untrust-devices.js';

/**
 * Takes away the second factor and everything that stands for it: codes, trust in devices and sign-ins that wait. In the
 * caller's transaction. Returns false when there was none.
 */
export async function removeSecondFactors(manager: EntityManager, userId: string): Promise<boolean> {
  await untrustDevices(manager, userId);
  await manager.query('DELETE FROM backup_codes WHERE user_id = $1', [userId]);
  const [removed] = await manager.query<[{ confirmed: boolean }[], number]>(
    'DELETE FROM two_factor_auth WHERE user_id = $1 RETURNING confirmed_at IS NOT NULL AS confirmed',
    [userId],
  );
  return removed.some(({ confirmed }) => confirmed);
}

/** Takes away passkeys and identities at providers, in the caller's transaction. Returns false when there were none. */
export async function removeOtherWaysIn(manager: EntityManager, userId: string): Promise<boolean> {
  const [, passkeys] = await manager.query<[unknown, number]>('DELETE FROM passkeys WHERE user_id = $1', [userId]);
  const [, identities] = await manager.query<[unknown, number]>('DELETE FROM oauth_providers WHERE user_id = $1', [
    userId,
  ]);
  return passkeys + identities > 0;
}

/** Second factors, passkeys and codes that were mailed: nobody gets in with what was set up before. */
export async function removeAllFactors(manager: EntityManager, userId: string): Promise<void> {
  await removeSecondFactors(manager, userId);
  await manager.query('DELETE FROM passkeys WHERE user_id = $1', [userId]);
  await manager.query('DELETE FROM passkey_challenges WHERE user_id = $1', [userId]);
  await manager.query('DELETE FROM login_codes WHERE user_id = $1', [userId]);
}

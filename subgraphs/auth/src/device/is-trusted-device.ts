import type { EntityManager } from 'typeorm';
import { hashToken } from '../one-time-token/one-time-token.service.js';

/** Whether a device that keeps this secret was trusted by this user, and still is. */
export async function isTrustedDevice(
  manager: EntityManager,
  { userId, deviceToken }: { readonly userId: string; readonly deviceToken: string | null },
): Promise<boolean> {
  if (deviceToken === null) return false;
  const rows = await manager.query<unknown[]>(
    `SELECT 1 FROM devices
      WHERE user_id = $1 AND secret_hash = $2 AND revoked_at IS NULL AND trusted_until > now()`,
    [userId, hashToken(deviceToken)],
  );
  return rows.length > 0;
}

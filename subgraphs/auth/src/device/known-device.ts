import type { EntityManager } from 'typeorm';
import { hashToken } from '../one-time-token/one-time-token.service.js';

/** The device that keeps this secret, when the owner of an address signed in on it before and has not removed it. */
export async function knownDeviceId(
  manager: EntityManager,
  { email, deviceToken }: { readonly email: string; readonly deviceToken: string },
): Promise<string | null> {
  const [device] = await manager.query<{ id: string }[]>(
    `SELECT devices.id FROM devices JOIN credentials USING (user_id)
      WHERE devices.secret_hash = $1 AND devices.revoked_at IS NULL AND credentials.email_canonical = $2`,
    [hashToken(deviceToken), email],
  );
  return device?.id ?? null;
}

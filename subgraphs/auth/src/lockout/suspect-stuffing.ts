import type { EntityManager } from 'typeorm';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';

/** With fewer addresses it is somebody who forgot their password, not somebody with a list of them. */
const FEWEST_ADDRESSES = 10;

/** Notes that many addresses were tried from one network, in the transaction that counts its last attempt. */
export async function suspectStuffing(
  manager: EntityManager,
  {
    network,
    origin,
    windowSeconds,
  }: { readonly network: string; readonly origin: LoginOrigin; readonly windowSeconds: number },
): Promise<void> {
  const [row] = await manager.query<{ addresses: number }[]>(
    `SELECT count(DISTINCT email_hash)::int AS addresses FROM login_attempts
      WHERE network = $1 AND outcome = 'REFUSED' AND attempted_at > now() - make_interval(secs => $2)`,
    [network, windowSeconds],
  );
  const addresses = row?.addresses ?? 0;
  if (addresses < FEWEST_ADDRESSES) return;
  await recordSecurityEvent(manager, {
    userId: null,
    type: SecurityEventType.CREDENTIAL_STUFFING_SUSPECTED,
    severity: SecuritySeverity.HIGH,
    ...origin,
    details: { network, addresses },
  });
}

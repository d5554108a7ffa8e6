import type { EntityManager } from 'typeorm';
import { hashToken } from '../one-time-token/one-time-token.service.js';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import { GRANT_COLUMNS, readRotated } from './rotate-token.js';
import type { Rotated } from './rotate-token.js';
import type { SessionService } from './session.service.js';
import type { PresentedToken } from './presented-token.js';

/** How long a lost answer may be asked for again. */
const RETRY_SECONDS = 10;

/** The pair that the token was exchanged for. */
export type Repeated = Rotated & { readonly childSealed: string };

/**
 * A refresh token that could not be used. When it is the same client that asks again because the answer got lost, it
 * gets the same child once more: within seconds of the first time, and only while the child was not used, so that this
 * never goes on. Anybody else has a copy: the session ends, with all tokens that came from the same sign-in.
 */
export async function judgeReuse(
  manager: EntityManager,
  { refreshToken, deviceToken, ip, userAgent }: PresentedToken,
  sessions: SessionService,
): Promise<Repeated | null> {
  const hash = hashToken(refreshToken);
  await manager.query(HOLD, [hash]);
  const [row] = await manager.query<Found[]>(FIND, [
    hash,
    userAgent,
    deviceToken === null ? null : hashToken(deviceToken),
    RETRY_SECONDS,
  ]);
  // Unknown, expired, or of a session that is over already: nothing to protect.
  if (row === undefined || (!row.is_used && row.is_same_device !== false)) return null;
  const { is_used: isUsed, is_same_device: _device, is_retry: isRetry, child_sealed: childSealed, ...rest } = row;
  if (isRetry && childSealed !== null) return { ...readRotated(manager, rest), childSealed };
  const { id: sessionId, user_id: userId, device_id: deviceId } = row;
  const ended = await sessions.revokeIn(manager, { userId, onlyId: sessionId, reason: 'refresh-reuse' });
  if (ended.length === 0) return null;
  await recordSecurityEvent(manager, {
    userId,
    type: SecurityEventType.REFRESH_TOKEN_REUSED,
    severity: SecuritySeverity.HIGH,
    sessionId,
    deviceId,
    ip,
    userAgent,
    details: { wasUsed: isUsed },
  });
  return null;
}

/** Columns of the session and of the grants as well. */
interface Found extends Record<string, unknown> {
  readonly id: string;
  readonly user_id: string;
  readonly device_id: string;
  readonly is_used: boolean;
  /** Null when the client did not say. */
  readonly is_same_device: boolean | null;
  readonly is_retry: boolean;
  readonly child_sealed: string | null;
}

// Against a use at the same moment: what is decided afterwards holds until it is done.
const HOLD = `
  SELECT 1 FROM sessions WHERE id = (SELECT session_id FROM auth_tokens WHERE hash = $1) FOR NO KEY UPDATE`;

const FIND = `
  SELECT s.*, child.expires_at AS refresh_expires_at, t.child_sealed, ${GRANT_COLUMNS},
         t.consumed_at IS NOT NULL AS is_used,
         d.secret_hash = $3::bytea AS is_same_device,
         -- A client that sends the secret of its device is known by it, another one by what it calls itself.
         (t.consumed_at > now() - make_interval(secs => $4) AND child.consumed_at IS NULL AND child.revoked_at IS NULL
           AND CASE WHEN $3::bytea IS NULL THEN t.consumed_user_agent IS NOT DISTINCT FROM $2
                    ELSE d.secret_hash = $3::bytea END) IS TRUE AS is_retry
    FROM auth_tokens t
    JOIN sessions s ON s.id = t.session_id
    JOIN credentials c ON c.user_id = s.user_id
    JOIN devices d ON d.id = s.device_id
    LEFT JOIN auth_tokens child ON child.hash = t.child_hash
   WHERE t.hash = $1 AND c.status = 'ACTIVE'
     AND s.revoked_at IS NULL AND s.expires_at > now() AND s.idle_expires_at > now()`;

import { unauthenticated } from '@orion/platform/errors';
import type { Viewer } from '@orion/platform/identity';
import { isUuid } from '@orion/platform/ids';
import type { EntityManager } from 'typeorm';

/**
 * Whether the viewer's session is alive, as the database knows it. The gateway refuses tokens of sessions that ended, as
 * soon as it has heard of it; what must not happen even before that asks here. A key is the user subgraph's to judge.
 */
export async function isLiveSession(manager: EntityManager, { kind, sessionId, userId }: Viewer): Promise<boolean> {
  if (kind === 'api-key') return true;
  // The gateway may be told to believe tokens of another issuer: theirs are no sessions of this service.
  if (!isUuid(sessionId) || !isUuid(userId)) return false;
  const [row] = await manager.query<{ alive: boolean }[]>(
    `SELECT NOT EXISTS (SELECT 1 FROM session_blacklist WHERE id = $1) AND (
       EXISTS (SELECT 1 FROM sessions
                WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > now() AND idle_expires_at > now())
       OR EXISTS (SELECT 1 FROM impersonations
                   WHERE id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > now())) AS alive`,
    [sessionId, userId],
  );
  return row?.alive === true;
}

/** Throws UNAUTHENTICATED when the viewer's session ended. For operations that change what lets somebody in. */
export async function requireLiveSession(manager: EntityManager, viewer: Viewer): Promise<void> {
  if (!(await isLiveSession(manager, viewer))) throw unauthenticated();
}

import { sessionRevoked } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { LONGEST_ACCESS_TOKEN_SECONDS } from '@orion/platform/identity';
import type { EntityManager } from 'typeorm';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';

/** Which impersonations to end: one, those that began in sessions, those by an actor, or those of somebody. */
export interface ImpersonationScope {
  readonly onlyId?: string;
  readonly ofSessions?: readonly string[];
  readonly byActor?: string;
  readonly ofUser?: string;
}

const REASON = 'impersonation-ended';

/** Ends them in the caller's transaction, and tells the gateway and those whom they concerned. Returns how many ended. */
export async function endImpersonations(
  manager: EntityManager,
  { onlyId, ofSessions, byActor, ofUser }: ImpersonationScope,
): Promise<number> {
  const ended = await manager.query<{ id: string; actor_id: string; user_id: string }[]>(
    `WITH ended AS (
       UPDATE impersonations SET ended_at = now()
        WHERE ended_at IS NULL AND (id = $1 OR actor_session_id = ANY($2) OR actor_id = $3 OR user_id = $4)
       RETURNING id, actor_id, user_id
     ), dead AS (
       INSERT INTO session_blacklist (id, user_id, reason, expires_at)
       SELECT id, user_id, $5, now() + make_interval(secs => $6) FROM ended ON CONFLICT (id) DO NOTHING
     )
     SELECT id, actor_id, user_id FROM ended`,
    [onlyId ?? null, ofSessions ?? null, byActor ?? null, ofUser ?? null, REASON, LONGEST_ACCESS_TOKEN_SECONDS],
  );
  for (const { id, actor_id: actorId, user_id: userId } of ended) {
    // The session in its token is the actor's: it is they who are told that it is over.
    await publish(manager, [sessionRevoked.of({ userId: actorId, sessionId: id, reason: REASON })]);
    await recordSecurityEvent(manager, {
      userId,
      actorId,
      type: SecurityEventType.IMPERSONATION_ENDED,
      severity: SecuritySeverity.LOW,
      details: { impersonationId: id },
    });
  }
  return ended.length;
}

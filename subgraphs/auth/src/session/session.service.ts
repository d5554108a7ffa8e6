import { auditOf } from '@orion/platform/audit';
import type { AuditedAction } from '@orion/platform/audit';
import { sessionRevoked, userLogout } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { LONGEST_ACCESS_TOKEN_SECONDS } from '@orion/platform/identity';
import { uuidv7 } from '@orion/platform/ids';
import { loadById } from '@orion/platform/loading';
import type { BatchLoad } from '@orion/platform/loading';
import { loadPages } from '@orion/platform/pagination';
import type { Connection, OwnedPageRequest } from '@orion/platform/pagination';
import { In } from 'typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { endImpersonations } from '../impersonation/end-impersonations.js';
import type { RevocationReason, RevocationScope } from './revocation.js';
import { Session } from './session.entity.js';

/** A session to begin. */
export interface NewSession {
  readonly userId: string;
  readonly deviceId: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly methods: readonly string[];
}

/** How long sessions last, and how many somebody may have. */
export interface SessionLimits {
  /** However often it is refreshed. */
  readonly lifetimeSeconds: number;
  /** Without being refreshed. */
  readonly idleSeconds: number;
  /** The oldest end when there would be more. */
  readonly sessionsPerUser: number;
}

/** SQL that holds for a session that is alive. */
const IS_ALIVE = 'revoked_at IS NULL AND expires_at > now() AND idle_expires_at > now()';

/** Begins, lists and ends sessions. */
export class SessionService {
  readonly byId: BatchLoad<string, Session | null>;

  constructor(
    private readonly database: DataSource,
    private readonly limits: SessionLimits,
  ) {
    this.byId = loadById(database.manager, Session);
  }

  /** Pages of sessions that are alive, for many users at once. */
  readonly pagesOfUsers: BatchLoad<OwnedPageRequest, Connection<Session>> = (requests) =>
    loadPages(this.database.manager, Session, { ownerColumn: 'user_id', requests, where: IS_ALIVE });

  /** In the caller's transaction, which holds the account: two sign-ins at once would not see each other's session. */
  async begin(manager: EntityManager, { userId, deviceId, ip, userAgent, methods }: NewSession): Promise<Session> {
    const now = new Date();
    const { lifetimeSeconds, idleSeconds } = this.limits;
    const expiresAt = new Date(now.getTime() + lifetimeSeconds * 1_000);
    const session = manager.create(Session, {
      id: uuidv7(),
      userId,
      deviceId,
      ip,
      userAgent,
      methods: [...methods],
      createdAt: now,
      authenticatedAt: now,
      lastSeenAt: now,
      idleExpiresAt: new Date(Math.min(now.getTime() + idleSeconds * 1_000, expiresAt.getTime())),
      expiresAt,
      revokedAt: null,
      revokedReason: null,
    });
    await manager.insert(Session, { ...session });
    await this.endOldest(manager, userId);
    return session;
  }

  revoke(scope: RevocationScope): Promise<Session[]> {
    return this.database.transaction((manager) => this.revokeIn(manager, scope));
  }

  /** Ends the sessions that are still alive and announces each, in one transaction. Returns those that ended now. */
  async revokeIn(manager: EntityManager, scope: RevocationScope): Promise<Session[]> {
    const { userId, onlyId = null, exceptId = null, deviceId = null, reason, actor } = scope;
    const [rows] = await manager.query<[{ id: string }[], number]>(
      `UPDATE sessions SET revoked_at = now(), revoked_reason = $2
        WHERE id IN (
          SELECT id FROM sessions
           WHERE user_id = $1 AND ${IS_ALIVE} AND ($3::uuid IS NULL OR id = $3) AND ($4::uuid IS NULL OR id <> $4)
             AND ($5::uuid IS NULL OR device_id = $5)
           ORDER BY id FOR NO KEY UPDATE)
       RETURNING id`,
      [userId, reason, onlyId, exceptId, deviceId],
    );
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return [];
    await manager.query(
      `WITH dead AS (
         UPDATE auth_tokens SET revoked_at = now(), reason = $3 WHERE session_id = ANY($1) AND revoked_at IS NULL)
       INSERT INTO session_blacklist (id, user_id, reason, expires_at)
       SELECT id, $2, $3, now() + make_interval(secs => $4) FROM unnest($1::uuid[]) AS id
       ON CONFLICT (id) DO NOTHING`,
      [ids, userId, reason, LONGEST_ACCESS_TOKEN_SECONDS],
    );
    await publish(manager, [
      ...ids.flatMap((sessionId) => [
        sessionRevoked.of({ userId, sessionId, reason }),
        ...(reason === 'logout' ? [userLogout.of({ userId, sessionId })] : []),
      ]),
      ...(actor === undefined ? [] : [auditOf(actor, auditedEnd(userId, ids, reason))]),
    ]);
    await endImpersonations(manager, { ofSessions: ids });
    return manager.findBy(Session, { id: In(ids) });
  }

  private async endOldest(manager: EntityManager, userId: string): Promise<void> {
    const surplus = await manager.query<{ id: string }[]>(
      `SELECT id FROM sessions WHERE user_id = $1 AND ${IS_ALIVE} ORDER BY last_seen_at DESC, id DESC OFFSET $2`,
      [userId, this.limits.sessionsPerUser],
    );
    for (const { id } of surplus) await this.revokeIn(manager, { userId, onlyId: id, reason: 'too-many-sessions' });
  }
}

/** Most targets that a record of the audit log names. */
const NAMED_SESSIONS = 10;

function auditedEnd(userId: string, sessionIds: readonly string[], reason: RevocationReason): AuditedAction {
  const named = sessionIds.slice(0, NAMED_SESSIONS).map((id) => ({ type: 'session', id }));
  return {
    service: 'auth',
    action: 'session.revoked',
    targets: [{ type: 'user', id: userId }, ...named],
    details: { reason, sessions: sessionIds.length },
  };
}

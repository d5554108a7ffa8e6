import { sessionRevoked, userLogout } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import { loadById } from '@orion/platform/loading';
import type { BatchLoad } from '@orion/platform/loading';
import { loadPages } from '@orion/platform/pagination';
import type { Connection, OwnedPageRequest } from '@orion/platform/pagination';
import { In } from 'typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { Session } from './session.entity.js';

/** A session to begin. */
export interface NewSession {
  readonly userId: string;
  readonly deviceId: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly methods: readonly string[];
}

/** Which sessions of a user to end; `exceptId` spares one, `onlyId` names one. */
export interface RevocationScope {
  readonly userId: string;
  readonly onlyId?: string;
  readonly exceptId?: string;
  readonly reason: 'logout' | 'revoked' | 'refresh-reuse';
}

/** Begins, lists and ends sessions. */
export class SessionService {
  readonly byId: BatchLoad<string, Session | null>;

  constructor(
    private readonly database: DataSource,
    private readonly lifetimeSeconds: number,
  ) {
    this.byId = loadById(database.manager, Session);
  }

  /** Pages of sessions that are alive, for many users at once. */
  readonly pagesOfUsers: BatchLoad<OwnedPageRequest, Connection<Session>> = (requests) =>
    loadPages(this.database.manager, Session, {
      ownerColumn: 'user_id',
      requests,
      where: 't.revoked_at IS NULL AND t.expires_at > now()',
    });

  async begin(manager: EntityManager, { userId, deviceId, ip, userAgent, methods }: NewSession): Promise<Session> {
    const now = new Date();
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
      expiresAt: new Date(now.getTime() + this.lifetimeSeconds * 1_000),
      revokedAt: null,
      revokedReason: null,
    });
    await manager.insert(Session, { ...session });
    return session;
  }

  revoke(scope: RevocationScope): Promise<Session[]> {
    return this.database.transaction((manager) => this.revokeIn(manager, scope));
  }

  /** Ends the sessions that are still alive and announces each, in one transaction. Returns those that ended now. */
  async revokeIn(manager: EntityManager, { userId, onlyId, exceptId, reason }: RevocationScope): Promise<Session[]> {
    const { raw } = await manager
      .createQueryBuilder()
      .update(Session)
      .set({ revokedAt: () => 'now()', revokedReason: reason })
      .where('user_id = :userId AND revoked_at IS NULL AND expires_at > now()', { userId })
      .andWhere('(:onlyId::uuid IS NULL OR id = :onlyId::uuid)', { onlyId: onlyId ?? null })
      .andWhere('(:exceptId::uuid IS NULL OR id <> :exceptId::uuid)', { exceptId: exceptId ?? null })
      .returning('id')
      .execute();
    const ids = (raw as { id: string }[]).map(({ id }) => id);
    await publish(
      manager,
      ids.flatMap((sessionId) => [
        sessionRevoked.of({ userId, sessionId, reason }),
        ...(reason === 'logout' ? [userLogout.of({ userId, sessionId })] : []),
      ]),
    );
    return ids.length === 0 ? [] : manager.findBy(Session, { id: In(ids) });
  }
}

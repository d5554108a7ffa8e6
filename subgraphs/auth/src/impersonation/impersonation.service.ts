import { uuidv7 } from '@orion/platform/ids';
import type { Viewer } from '@orion/platform/identity';
import type { DataSource, EntityManager } from 'typeorm';
import type { Account } from '../account/account.entity.js';
import type { adminErrors } from '../admin/admin.errors.js';
import type { AdminAction } from '../admin/admin.service.js';
import { readReason, targetBelow } from '../admin/target-below.js';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import { requireLiveSession } from '../session/live-session.js';
import { Session } from '../session/session.entity.js';
import type { AccessTokens, IssuedAccessToken } from '../token/access-token.js';
import type { Grants } from '../token/grants.js';
import { endImpersonations } from './end-impersonations.js';
import { Impersonation } from './impersonation.entity.js';

const LONGEST_SECONDS = 30 * 60;

/** A token, or why there is none. */
export type ImpersonationStart =
  | { readonly kind: 'started'; readonly access: IssuedAccessToken }
  | { readonly kind: 'refused'; readonly code: keyof typeof adminErrors };

/** Lets an operator see what somebody sees. Its owner is told when it begins and when it ends. */
export class ImpersonationService {
  constructor(
    private readonly database: DataSource,
    private readonly accessTokens: AccessTokens,
  ) {}

  start({ viewer, origin, userId, reason: given }: AdminAction): Promise<ImpersonationStart> {
    return this.database.transaction(async (manager) => {
      await requireLiveSession(manager, viewer);
      const reason = readReason(given);
      if (reason === null) return { kind: 'refused', code: 'REASON_INVALID' };
      const target = await targetBelow(manager, { actorId: viewer.userId, userId });
      if (target.kind === 'refused') return target;
      const impersonation = await this.record(manager, { viewer, userId, reason });
      await recordSecurityEvent(manager, {
        userId,
        actorId: viewer.userId,
        type: SecurityEventType.IMPERSONATION_STARTED,
        severity: SecuritySeverity.MEDIUM,
        reason,
        ...origin,
        details: { impersonationId: impersonation.id, reason },
      });
      const access = await this.accessTokens.issue({
        userId,
        sessionId: impersonation.id,
        actorId: viewer.userId,
        grants: grantsFor(viewer, target.account),
        methods: viewer.methods,
        authenticatedAt: new Date(viewer.authenticatedAt * 1_000),
        notAfter: impersonation.expiresAt,
        seconds: LONGEST_SECONDS,
      });
      return { kind: 'started', access };
    });
  }

  /** Returns false when it was over already. */
  end({ sessionId }: Viewer): Promise<boolean> {
    return this.database.transaction(async (manager) => (await endImpersonations(manager, { onlyId: sessionId })) > 0);
  }

  private async record(
    manager: EntityManager,
    { viewer, userId, reason }: { readonly viewer: Viewer; readonly userId: string; readonly reason: string },
  ): Promise<Impersonation> {
    // Held, so that it does not end in between: whoever ends it ends this as well.
    const lock = { mode: 'for_no_key_update' } as const;
    const { expiresAt: sessionEnd } = await manager.findOneOrFail(Session, { where: { id: viewer.sessionId }, lock });
    await requireLiveSession(manager, viewer);
    const startedAt = new Date();
    const impersonation = manager.create(Impersonation, {
      id: uuidv7(),
      actorId: viewer.userId,
      actorSessionId: viewer.sessionId,
      userId,
      reason,
      startedAt,
      expiresAt: new Date(Math.min(startedAt.getTime() + LONGEST_SECONDS * 1_000, sessionEnd.getTime())),
      endedAt: null,
    });
    await manager.insert(Impersonation, { ...impersonation });
    return impersonation;
  }
}

/** What the person may do and the operator may do as well: nobody gets at more by looking like somebody else. */
function grantsFor(viewer: Viewer, account: Account): Grants {
  const { permissionsVersion, permissionExpiries } = account;
  const permissions = account.permissions.filter((permission) => viewer.permissions.includes(permission));
  return {
    permissions,
    permissionsVersion,
    permissionExpiries: Object.fromEntries(
      Object.entries(permissionExpiries).filter(([permission]) => permissions.includes(permission)),
    ),
    permissionRules: account.permissionRules.filter(({ effect }) => effect === 'deny'),
  };
}

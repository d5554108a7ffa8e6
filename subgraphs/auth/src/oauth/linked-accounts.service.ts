import type { AuditActor } from '@orion/platform/audit';
import type { Viewer } from '@orion/platform/identity';
import { isUuid } from '@orion/platform/ids';
import type { BatchLoad } from '@orion/platform/loading';
import { In } from 'typeorm';
import type { DataSource } from 'typeorm';
import { remainingCredentials } from '../account/remaining-credentials.js';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import { requireLiveSession } from '../session/live-session.js';
import { OAuthAccount } from './oauth-account.entity.js';
import type { oauthErrors } from './oauth.errors.js';

/** Lists and takes away identities. */
export class LinkedAccountsService {
  constructor(private readonly database: DataSource) {}

  /** Of many people at once, in the order in which they were linked. */
  readonly ofUsers: BatchLoad<string, OAuthAccount[]> = async (userIds) => {
    const accounts = await this.database.manager.find(OAuthAccount, {
      where: { userId: In([...userIds]) },
      order: { id: 'ASC' },
    });
    return userIds.map((userId) => accounts.filter((account) => account.userId === userId));
  };

  /** Returns why not; null when it is gone. */
  unlink(
    viewer: Viewer,
    { id, ip, userAgent }: Pick<AuditActor, 'ip' | 'userAgent'> & { readonly id: string },
  ): Promise<keyof typeof oauthErrors | 'LAST_CREDENTIAL' | null> {
    return this.database.transaction(async (manager) => {
      await requireLiveSession(manager, viewer);
      const { userId } = viewer;
      const account = isUuid(id) ? await manager.findOneBy(OAuthAccount, { id, userId }) : null;
      if (account === null) return 'IDENTITY_NOT_FOUND';
      if ((await remainingCredentials(manager, userId)) <= 1) return 'LAST_CREDENTIAL';
      const { affected } = await manager.delete(OAuthAccount, { id, userId });
      if (affected !== 1) return 'IDENTITY_NOT_FOUND';
      await recordSecurityEvent(manager, {
        userId,
        type: SecurityEventType.IDENTITY_UNLINKED,
        severity: SecuritySeverity.MEDIUM,
        sessionId: viewer.sessionId,
        ip,
        userAgent,
        details: { provider: account.provider },
      });
      return null;
    });
  }
}

import { uuidv7 } from '@orion/platform/ids';
import type { EntityManager } from 'typeorm';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';
import type { ForeignIdentity } from './identity-source.js';
import { OAuthAccount } from './oauth-account.entity.js';
import type { OAuthProvider } from './oauth.types.js';

/** An identity to give to somebody. */
export interface NewLink {
  readonly userId: string;
  readonly provider: OAuthProvider;
  readonly identity: ForeignIdentity;
  readonly origin: LoginOrigin;
}

/** The account of an identity, which is used now; null when nobody has it. */
export async function useIdentity(
  manager: EntityManager,
  { issuer, subject, email, emailVerified }: ForeignIdentity,
): Promise<string | null> {
  const { raw } = await manager
    .createQueryBuilder()
    .update(OAuthAccount)
    .set({ email, emailVerified, lastUsedAt: () => 'now()' })
    .where('issuer = :issuer AND subject = :subject', { issuer, subject })
    .returning('user_id')
    .execute();
  const [row] = raw as { user_id: string }[];
  return row?.user_id ?? null;
}

/** Gives an identity to somebody. Null when it is somebody else's. Does nothing when it is theirs. */
export async function linkIdentity(
  manager: EntityManager,
  { userId, provider, identity, origin }: NewLink,
): Promise<OAuthAccount | null> {
  const { issuer, subject, email, emailVerified } = identity;
  const { raw } = await manager
    .createQueryBuilder()
    .insert()
    .into(OAuthAccount)
    .values({ id: uuidv7(), userId, provider, issuer, subject, email, emailVerified, linkedAt: new Date() })
    .orIgnore()
    .returning('id')
    .execute();
  const account = await manager.findOneByOrFail(OAuthAccount, { issuer, subject });
  if (account.userId !== userId) return null;
  if ((raw as unknown[]).length > 0) {
    await recordSecurityEvent(manager, {
      userId,
      type: SecurityEventType.IDENTITY_LINKED,
      severity: SecuritySeverity.MEDIUM,
      ip: origin.ip,
      userAgent: origin.userAgent,
      details: { provider },
    });
  }
  return account;
}

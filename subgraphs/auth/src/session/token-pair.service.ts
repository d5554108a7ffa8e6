import type { Sealer } from '@orion/platform/sealing';
import type { DataSource, EntityManager } from 'typeorm';
import { Account } from '../account/account.entity.js';
import { hashToken, randomToken } from '../one-time-token/one-time-token.service.js';
import type { AccessTokens } from '../token/access-token.js';
import { AuthToken } from './auth-token.entity.js';
import { Session } from './session.entity.js';
import type { SessionService } from './session.service.js';

const CHILD_SEAL = 'refresh-child';
/** How long a lost answer may be asked for again. */
const RETRY_SECONDS = 10;

/** An access and a refresh token of one session. */
export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly tokenType: string;
  readonly expiresAt: Date;
  readonly refreshExpiresAt: Date;
  readonly session: Session;
  readonly user: { readonly id: string };
}

/** Issues and rotates token pairs (RFC 9700 section 4.14: refresh tokens work once, reuse ends the session). */
export class TokenPairService {
  constructor(
    private readonly database: DataSource,
    private readonly sessions: SessionService,
    private readonly accessTokens: AccessTokens,
    private readonly sealer: Sealer,
    private readonly refreshSeconds: number,
  ) {}

  /** The first pair of a session, in the transaction that begins it. */
  async issue(manager: EntityManager, session: Session): Promise<TokenPair> {
    const refreshToken = randomToken();
    const expiresAt = this.refreshExpiry(session);
    await manager.insert(AuthToken, { hash: hashToken(refreshToken), sessionId: session.id, expiresAt });
    return this.pair(manager, { session, refreshToken, refreshExpiresAt: expiresAt });
  }

  /** The next pair, or null when the token is not good. A token used before ends its session: somebody has a copy. */
  rotate(presented: string): Promise<TokenPair | null> {
    return this.database.transaction(async (manager) => {
      const child = randomToken();
      const hash = hashToken(presented);
      // One conditional UPDATE decides; a concurrent use waits for it and then finds the token consumed.
      const { raw } = await manager
        .createQueryBuilder()
        .update(AuthToken)
        .set({
          consumedAt: () => 'now()',
          childSealed: this.sealer.seal(child, CHILD_SEAL),
          childHash: hashToken(child),
        })
        .where('hash = :hash AND consumed_at IS NULL AND expires_at > now()', { hash })
        .returning('session_id')
        .execute();
      const [row] = raw as { session_id: string }[];
      if (row === undefined) return this.retry(manager, hash);
      const session = await this.alive(manager, row.session_id);
      if (session === null) return null;
      const refreshExpiresAt = this.refreshExpiry(session);
      await manager.insert(AuthToken, {
        hash: hashToken(child),
        sessionId: session.id,
        expiresAt: refreshExpiresAt,
      });
      await manager.update(Session, { id: session.id }, { lastSeenAt: new Date() });
      return this.pair(manager, { session, refreshToken: child, refreshExpiresAt });
    });
  }

  /** The same child again within some seconds while nobody used it; anything else is reuse. */
  private async retry(manager: EntityManager, hash: Buffer): Promise<TokenPair | null> {
    const used = await manager.findOneBy(AuthToken, { hash });
    if (used?.consumedAt == null || used.childHash === null || used.childSealed === null) return null;
    const session = await this.alive(manager, used.sessionId);
    if (session === null) return null;
    const child = await manager.findOneBy(AuthToken, { hash: used.childHash });
    const isFresh = Date.now() - used.consumedAt.getTime() <= RETRY_SECONDS * 1_000;
    if (isFresh && child !== null && child.consumedAt === null) {
      const refreshToken = this.sealer.open(used.childSealed, CHILD_SEAL);
      return this.pair(manager, { session, refreshToken, refreshExpiresAt: child.expiresAt });
    }
    await this.sessions.revokeIn(manager, { userId: session.userId, onlyId: session.id, reason: 'refresh-reuse' });
    return null;
  }

  private async alive(manager: EntityManager, sessionId: string): Promise<Session | null> {
    const session = await manager.findOneBy(Session, { id: sessionId });
    return session !== null && session.revokedAt === null && session.expiresAt > new Date() ? session : null;
  }

  private refreshExpiry(session: Session): Date {
    return new Date(Math.min(Date.now() + this.refreshSeconds * 1_000, session.expiresAt.getTime()));
  }

  private async pair(
    manager: EntityManager,
    { session, refreshToken, refreshExpiresAt }: Pick<TokenPair, 'session' | 'refreshToken' | 'refreshExpiresAt'>,
  ): Promise<TokenPair> {
    const { permissions } = await manager.findOneByOrFail(Account, { id: session.userId });
    const access = await this.accessTokens.issue({
      userId: session.userId,
      sessionId: session.id,
      permissions,
      methods: session.methods,
      authenticatedAt: session.authenticatedAt,
    });
    return {
      accessToken: access.token,
      expiresAt: access.expiresAt,
      tokenType: 'Bearer',
      refreshToken,
      refreshExpiresAt,
      session,
      user: { id: session.userId },
    };
  }
}

import { uuidv7 } from '@orion/platform/ids';
import type { Sealer } from '@orion/platform/sealing';
import type { DataSource, EntityManager } from 'typeorm';
import { Account } from '../account/account.entity.js';
import { hashToken, randomToken } from '../one-time-token/one-time-token.service.js';
import type { AccessTokens, IssuedAccessToken } from '../token/access-token.js';
import type { Grants } from '../token/grants.js';
import { AuthToken } from './auth-token.entity.js';
import { judgeReuse } from './judge-reuse.js';
import type { PresentedToken } from './presented-token.js';
import { CHILD_SEAL, rotateToken } from './rotate-token.js';
import { Session } from './session.entity.js';
import type { SessionService } from './session.service.js';

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
    const refreshExpiresAt = new Date(Math.min(Date.now() + this.refreshSeconds * 1_000, session.expiresAt.getTime()));
    await manager.insert(AuthToken, {
      id: uuidv7(),
      hash: hashToken(refreshToken),
      userId: session.userId,
      sessionId: session.id,
      familyId: session.id,
      parentId: null,
      generation: 0,
      expiresAt: refreshExpiresAt,
      absoluteExpiresAt: session.expiresAt,
      deviceId: session.deviceId,
      ip: session.ip,
      userAgent: session.userAgent,
    });
    const grants = await manager.findOneByOrFail(Account, { id: session.userId });
    return this.pair({ session, grants, refreshToken, refreshExpiresAt });
  }

  /** An access token alone, for a session that goes on. */
  async access(manager: EntityManager, session: Session): Promise<IssuedAccessToken> {
    return this.accessOf(session, await manager.findOneByOrFail(Account, { id: session.userId }));
  }

  /**
   * The next pair, or null when the token is not good. A token that was used before ends its session: somebody has a
   * copy. Only who used it may ask again for a lost answer, within seconds, and gets the same one.
   */
  async rotate(presented: PresentedToken): Promise<TokenPair | null> {
    const child = randomToken();
    const rotated = await rotateToken(this.database, presented, {
      child,
      childSealed: this.sealer.seal(child, CHILD_SEAL),
      refreshSeconds: this.refreshSeconds,
    });
    if (rotated !== null) return this.pair({ ...rotated, refreshToken: child });
    const again = await this.database.transaction((manager) => judgeReuse(manager, presented, this.sessions));
    if (again === null) return null;
    const { childSealed, ...rest } = again;
    return this.pair({ ...rest, refreshToken: this.sealer.open(childSealed, CHILD_SEAL) });
  }

  private async pair({
    session,
    grants,
    refreshToken,
    refreshExpiresAt,
  }: Pick<TokenPair, 'session' | 'refreshToken' | 'refreshExpiresAt'> & {
    readonly grants: Grants;
  }): Promise<TokenPair> {
    const access = await this.accessOf(session, grants);
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

  private accessOf(
    { userId, id: sessionId, methods, authenticatedAt, expiresAt: notAfter }: Session,
    grants: Grants,
  ): Promise<IssuedAccessToken> {
    return this.accessTokens.issue({ userId, sessionId, grants, methods, authenticatedAt, notAfter });
  }
}

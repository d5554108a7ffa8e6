import type { Viewer } from '@orion/platform/identity';
import { isUuid } from '@orion/platform/ids';
import type { EntityManager } from 'typeorm';
import { isLiveSession } from './live-session.js';
import type { TokenInfo } from './token-info.types.js';

/** Tells what a token is worth (what RFC 7662 calls introspection, for one's own token). */
export class TokenInfoService {
  constructor(private readonly manager: EntityManager) {}

  async of(viewer: Viewer): Promise<TokenInfo> {
    const isApiKey = viewer.kind === 'api-key';
    const [active, expiresAt] = await Promise.all([
      isLiveSession(this.manager, viewer),
      isApiKey || !isUuid(viewer.sessionId) ? null : this.endOf(viewer.sessionId),
    ]);
    const { userId, sessionId, permissions, methods, impersonatorId } = viewer;
    return {
      active,
      userId,
      sessionId,
      isApiKey,
      permissions,
      methods,
      expiresAt,
      authenticatedAt: isApiKey ? null : new Date(viewer.authenticatedAt * 1_000),
      isImpersonated: impersonatorId !== null,
      actor: impersonatorId === null ? null : { id: impersonatorId },
    };
  }

  private async endOf(sessionId: string): Promise<Date | null> {
    const [row] = await this.manager.query<{ expires_at: Date }[]>(
      `SELECT least(expires_at, idle_expires_at) AS expires_at FROM sessions WHERE id = $1
       UNION ALL SELECT expires_at FROM impersonations WHERE id = $1`,
      [sessionId],
    );
    return row?.expires_at ?? null;
  }
}

import { SignJWT } from 'jose';
import { uuidv7 } from '@orion/platform/ids';
import type { Grants } from './grants.js';
import type { SigningKeys } from './signing-keys.js';

/** What an access token states. */
export interface AccessTokenClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly grants: Grants;
  readonly methods: readonly string[];
  readonly authenticatedAt: Date;
  /** Who acts as the user (RFC 8693 section 4.1). */
  readonly actorId?: string;
  /** The token is over by then, however long it would live otherwise. */
  readonly notAfter?: Date;
  /** Instead of the usual time. */
  readonly seconds?: number;
}

/** An access token, and when it expires. */
export interface IssuedAccessToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** Signs access tokens (RFC 9068: `typ: at+jwt`). */
export interface AccessTokens {
  issue(claims: AccessTokenClaims): Promise<IssuedAccessToken>;
}

export function createAccessTokens(
  keys: SigningKeys,
  {
    issuer,
    audience,
    seconds: usualSeconds,
  }: { readonly issuer: string; readonly audience: string; readonly seconds: number },
): AccessTokens {
  return {
    async issue({ userId, sessionId, grants, methods, authenticatedAt, actorId, notAfter, seconds = usualSeconds }) {
      const now = Math.floor(Date.now() / 1_000);
      const expires = Math.min(
        now + seconds,
        notAfter === undefined ? Infinity : Math.floor(notAfter.getTime() / 1_000),
      );
      const { keyId, privateKey } = keys.current();
      const token = await new SignJWT({
        sid: sessionId,
        permissions: grants.permissions,
        ...accessClaims(grants),
        amr: methods,
        auth_time: Math.floor(authenticatedAt.getTime() / 1_000),
        ...(actorId !== undefined && { act: { sub: actorId } }),
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: keyId })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setJti(uuidv7())
        .setIssuedAt(now)
        .setExpirationTime(expires)
        .sign(privateKey);
      return { token, expiresAt: new Date(expires * 1_000) };
    },
  };
}

/** The gateway decides by these for each request; most people have neither expiries nor rules. */
function accessClaims({ permissionsVersion, permissionExpiries, permissionRules }: Grants): object {
  return {
    pv: permissionsVersion,
    ...(Object.keys(permissionExpiries).length > 0 && { pexp: permissionExpiries }),
    ...(permissionRules.length > 0 && { prules: permissionRules }),
  };
}

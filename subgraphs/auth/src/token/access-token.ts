import { SignJWT } from 'jose';
import { uuidv7 } from '@orion/platform/ids';
import type { SigningKeys } from './signing-keys.js';

/** What an access token states. */
export interface AccessTokenClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly permissions: readonly string[];
  readonly methods: readonly string[];
  readonly authenticatedAt: Date;
}

/** Signs access tokens (RFC 9068: `typ: at+jwt`). */
export interface AccessTokens {
  issue(claims: AccessTokenClaims): Promise<{ readonly token: string; readonly expiresAt: Date }>;
}

export function createAccessTokens(
  keys: SigningKeys,
  { issuer, audience, seconds }: { readonly issuer: string; readonly audience: string; readonly seconds: number },
): AccessTokens {
  return {
    async issue({ userId, sessionId, permissions, methods, authenticatedAt }) {
      const now = Math.floor(Date.now() / 1_000);
      const expires = now + seconds;
      const token = await new SignJWT({
        sid: sessionId,
        permissions,
        amr: methods,
        auth_time: Math.floor(authenticatedAt.getTime() / 1_000),
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: keys.keyId })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setJti(uuidv7())
        .setIssuedAt(now)
        .setExpirationTime(expires)
        .sign(keys.privateKey);
      return { token, expiresAt: new Date(expires * 1_000) };
    },
  };
}

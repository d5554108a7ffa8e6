import { LONGEST_ACCESS_TOKEN_SECONDS } from '@orion/platform/identity';
import { createRemoteJWKSet, customFetch, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Identity } from './caller.js';
import { createJwksFetch } from './fetch-jwks.js';
import { grantsClaims } from './grants-claims.js';

/** Which access tokens are good. */
export interface TokenRules {
  /** URL of the JWK Set (RFC 7517) of the issuer. */
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /**
   * `orion`, the standard: access tokens as ORION issues them, which can be revoked (RFC 9068, ES256, a session, at most
   * an hour). `any`: JWTs (RFC 7519) of another issuer, signed with any asymmetric algorithm, with a subject and an end.
   */
  readonly profile?: TokenProfile | undefined;
}

export type TokenProfile = 'orion' | 'any';

/** The token is not good; the message tells its holder why. */
export class TokenRefusedError extends Error {
  override readonly name = 'TokenRefusedError';
}

/** The token cannot be judged, because the keys cannot be had: no reason to sign anybody out. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

/** Tells who one access token is about. Throws {@link TokenRefusedError} or {@link KeysUnavailableError}. */
export interface VerifyToken {
  (token: string): Promise<Identity>;
  /** The issuer has other keys now: those that are remembered count no more. */
  forgetKeys(): void;
}

const CLOCK_TOLERANCE_SECONDS = 5;
/** A flood of unknown key ids must not become a flood towards the issuer. */
const COOLDOWN_MS = 5_000;
const KEYS_TIMEOUT_MS = 3_000;

/** The issuer's public key is public: an algorithm that takes it for a secret (HS256) would let anybody sign. */
const ASYMMETRIC = [
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
  'EdDSA',
  'Ed25519',
];
const VERIFICATION = {
  orion: { algorithms: ['ES256'], typ: 'at+jwt', requiredClaims: ['exp', 'iat', 'sub'] },
  any: { algorithms: ASYMMETRIC, requiredClaims: ['exp', 'sub'] },
} as const;

const grants = {
  /** Separated by spaces (RFC 8693, section 4.2), or a list. */
  scope: z.union([z.string(), z.array(z.string())]).optional(),
  /** What some issuers call it. */
  scp: z.union([z.string(), z.array(z.string())]).optional(),
  policies: z.array(z.string()).default([]),
};
const CLAIMS = {
  orion: z.object({
    sub: z.string().min(1),
    sid: z.string().min(1),
    jti: z.string().min(1),
    /** For this graph and for nobody else: a token that several services take can be passed on by any of them. */
    aud: z.union([z.string(), z.tuple([z.string()])]),
    iat: z.number(),
    exp: z.number(),
    amr: z.array(z.string()).default([]),
    auth_time: z.number().optional(),
    ...grantsClaims,
    /** Who acts as the subject: RFC 8693, section 4.1. */
    act: z.object({ sub: z.string().min(1) }).optional(),
    ...grants,
  }),
  // What only ORION's subgraphs would believe is left alone: another issuer may mean something else by it.
  any: z.object({
    sub: z.string().min(1),
    sid: z.string().default(''),
    iat: z.number().optional(),
    exp: z.number(),
    auth_time: z.number().optional(),
    ...grants,
  }),
};

/** By the rules' profile; with neither is a token believed that is not signed by a key of the issuer. */
export function createTokenVerifier(rules: TokenRules): VerifyToken {
  const fetchJwks = createJwksFetch();
  const open = () =>
    createRemoteJWKSet(new URL(rules.jwksUrl), {
      cooldownDuration: COOLDOWN_MS,
      timeoutDuration: KEYS_TIMEOUT_MS,
      [customFetch]: fetchJwks,
    });
  let keys = open();
  const verify = async (token: string): Promise<Identity> => {
    const payload = await verifySignature(token, keys, rules);
    return rules.profile === 'any' ? readAny(payload) : readOrion(payload);
  };
  return Object.assign(verify, { forgetKeys: () => void (keys = open()) });
}

function readOrion(payload: JWTPayload): Identity {
  const claims = CLAIMS.orion.safeParse(payload);
  if (!claims.success)
    throw new TokenRefusedError(
      'The access token lacks a claim that this graph needs (sub, sid, jti, iat, exp, one aud), or has one of another form.',
    );
  const { sub, sid, iat, exp, amr, auth_time: authTime, permissions, pv, pexp, prules, policies, act } = claims.data;
  refuseFuture(iat);
  refuseLongLife(exp - iat);
  return {
    viewer: {
      kind: 'session',
      userId: sub,
      sessionId: sid,
      impersonatorId: act?.sub ?? null,
      permissions,
      methods: amr,
      authenticatedAt: authTime ?? iat,
    },
    expiresAt: exp * 1000,
    scopes: scopesOf(claims.data),
    policies,
    grants: { permissions, expiries: pexp, rules: prules, version: pv },
  };
}

function readAny(payload: JWTPayload): Identity {
  const claims = CLAIMS.any.safeParse(payload);
  if (!claims.success) throw new TokenRefusedError('The access token lacks a claim that this graph needs (sub, exp).');
  const { sub, sid, iat, exp, auth_time: authTime, policies } = claims.data;
  if (iat !== undefined) refuseFuture(iat);
  return {
    viewer: {
      kind: 'session',
      userId: sub,
      sessionId: sid,
      impersonatorId: null,
      permissions: [],
      methods: [],
      authenticatedAt: authTime ?? iat ?? 0,
    },
    expiresAt: exp * 1000,
    scopes: scopesOf(claims.data),
    policies,
    grants: null,
  };
}

function scopesOf(claims: {
  readonly scope?: string | string[] | undefined;
  readonly scp?: string | string[] | undefined;
}): string[] {
  return [claims.scope, claims.scp].flatMap((value) =>
    typeof value === 'string' ? value.split(' ').filter((scope) => scope !== '') : (value ?? []),
  );
}

/** jose compares `iat` with the clock only when a maximum age is asked for. */
function refuseFuture(issuedAt: number): void {
  const ahead = Math.round(issuedAt - Date.now() / 1000);
  if (ahead > CLOCK_TOLERANCE_SECONDS) throw notYetValid(issuedAt, ahead);
}

/** A revoked session is remembered only as long as a token may live: a longer one would outlive its revocation. */
function refuseLongLife(seconds: number): void {
  if (seconds <= LONGEST_ACCESS_TOKEN_SECONDS) return;
  throw new TokenRefusedError(
    `The access token is not accepted: it is made for ${seconds} s, and this graph takes none for more than ` +
      `${LONGEST_ACCESS_TOKEN_SECONDS} s. Its issuer has to shorten them.`,
  );
}

async function verifySignature(token: string, keys: JWTVerifyGetKey, rules: TokenRules): Promise<JWTPayload> {
  try {
    const { algorithms, requiredClaims, ...verification } = VERIFICATION[rules.profile ?? 'orion'];
    const { payload } = await jwtVerify(token, keys, {
      ...verification,
      algorithms: [...algorithms],
      requiredClaims: [...requiredClaims],
      issuer: rules.issuer,
      audience: rules.audience,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
    return payload;
  } catch (error) {
    throw explain(error);
  }
}

function explain(error: unknown): Error {
  if (error instanceof errors.JWTExpired) return expired(error.payload.exp ?? 0);
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'nbf' && typeof error.payload.nbf === 'number') {
      return notYetValid(error.payload.nbf, Math.round(error.payload.nbf - Date.now() / 1000));
    }
    return refused(
      error.claim === 'typ'
        ? 'its type is not at+jwt'
        : `its claim "${error.claim}" is missing or is not the expected one`,
      error,
    );
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return refused('its algorithm is not one that is taken here', error);
  if (error instanceof errors.JWSSignatureVerificationFailed) return refused('its signature does not verify', error);
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return refused('no known key has signed it', error);
  }
  if (
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JOSENotSupported
  ) {
    return refused('it is not a JWT of the expected form', error);
  }
  return new KeysUnavailableError(
    'The keys that verify access tokens cannot be fetched right now. Try again shortly.',
    { cause: error },
  );
}

function refused(reason: string, cause: unknown): TokenRefusedError {
  return new TokenRefusedError(`The access token is not accepted: ${reason}.`, { cause });
}

function expired(at: number): TokenRefusedError {
  const ago = Math.round(Date.now() / 1000 - at);
  return new TokenRefusedError(
    `The access token expired at ${iso(at)}, ${ago} s ago by this server's clock. ` +
      'To refresh it or to sign in, send refreshTokens or login without this `authorization` header; if the token was issued just now, the clocks of issuer and server disagree.',
  );
}

function notYetValid(from: number, ahead: number): TokenRefusedError {
  return new TokenRefusedError(
    `The access token is not yet valid: it starts at ${iso(from)}, ${ahead} s ahead of this server's clock. ` +
      'The clocks of issuer and server disagree: set them right and sign in again.',
  );
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

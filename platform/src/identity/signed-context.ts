import { createHmac, hash } from 'node:crypto';
import { jwtVerify } from 'jose';
import { z } from 'zod';
import type { RequestOrigin } from './viewer.js';

/** HTTP header, and key in the connectionParams of a subgraph's WebSocket, that carries the statement. */
export const CONTEXT_HEADER = 'x-orion-context';

const TYPE = 'orion-context+jwt';
const ISSUER = 'orion-gateway';
const LIFETIME_SECONDS = 60;
const CLOCK_TOLERANCE_SECONDS = 5;
const HEADER = Buffer.from(JSON.stringify({ alg: 'HS256', typ: TYPE })).toString('base64url');

const claimsSchema = z.object({
  viewer: z
    .object({
      kind: z.enum(['session', 'api-key']),
      userId: z.string(),
      sessionId: z.string(),
      impersonatorId: z.string().nullable(),
      permissions: z.array(z.string()),
      methods: z.array(z.string()),
      authenticatedAt: z.number(),
    })
    .nullable(),
  requestId: z.string(),
  correlationId: z.string().exactOptional(),
  clientIp: z.string().nullable(),
  userAgent: z.string().nullable(),
  bodyHash: z.string(),
});

/** A statement that does not verify: wrong key, subgraph, body, age or shape. The message names which. */
export class ContextRefusedError extends Error {
  override readonly name = 'ContextRefusedError';
}

interface Binding {
  /** HMAC-SHA-256 key that gateway and subgraphs share, at least 32 characters. */
  readonly secret: string;
  /** Name of the subgraph the statement is meant for. */
  readonly audience: string;
  /** Exact request body; the empty string for a WebSocket connection. */
  readonly body: string;
}

/**
 * Signs who is calling, bound to one subgraph and one request body, valid for 60 s (JWS, RFC 7515; JWT, RFC 7519).
 * A captured statement is of no use for another body or another subgraph. HMAC is written out here because it runs for
 * every request to a subgraph: by way of WebCrypto, as JOSE libraries do it, it costs more than the request itself.
 */
export function signContext(origin: RequestOrigin, { secret, audience, body }: Binding): Promise<string> {
  const iat = Math.floor(Date.now() / 1_000);
  const claims = { ...origin, bodyHash: hashBody(body), iss: ISSUER, aud: audience, iat, exp: iat + LIFETIME_SECONDS };
  const signed = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return Promise.resolve(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`);
}

/** Returns the origin that the gateway signed. Throws {@link ContextRefusedError} for anything else. */
export async function verifyContext(
  token: string | undefined,
  { secret, audience, body }: Binding,
): Promise<RequestOrigin> {
  if (token === undefined || token === '') throw new ContextRefusedError(`no ${CONTEXT_HEADER}`);
  const payload = await verifySignature(token, secret, audience);
  const claims = claimsSchema.safeParse(payload);
  if (!claims.success) throw new ContextRefusedError('claims of the wrong shape');
  const { bodyHash, ...origin } = claims.data;
  if (bodyHash !== hashBody(body)) throw new ContextRefusedError('signed for another body');
  return origin;
}

async function verifySignature(token: string, secret: string, audience: string): Promise<unknown> {
  try {
    const { payload } = await jwtVerify(token, keyOf(secret), {
      algorithms: ['HS256'],
      typ: TYPE,
      issuer: ISSUER,
      audience,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      maxTokenAge: LIFETIME_SECONDS,
    });
    return payload;
  } catch (error) {
    throw new ContextRefusedError(error instanceof Error ? error.message : 'not a signed context', { cause: error });
  }
}

function keyOf(secret: string): Uint8Array {
  return new TextEncoder().encode(secret);
}

function hashBody(body: string): string {
  return hash('sha256', body, 'base64url');
}

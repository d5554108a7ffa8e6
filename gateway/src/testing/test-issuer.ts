import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey } from 'jose';
import type { TokenRules } from '../security/access-token.js';

/** An issuer of access tokens with a JWKS endpoint. */
export interface TestIssuer {
  readonly rules: TokenRules;
  /** The public key in PEM, for the attack that uses it as an HMAC secret. */
  readonly publicPem: string;
  token(overrides?: TokenOverrides): Promise<string>;
  /** How often the keys were fetched. */
  fetches(): number;
  /** Signs with a new key from now on; the others stay published. */
  rotate(keyId: string): Promise<void>;
  /** The key is gone from the published ones. */
  withdraw(keyId: string): void;
  stop(): Promise<void>;
}

export interface TokenOverrides {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Seconds from now. */
  readonly issuedIn?: number;
  readonly expiresIn?: number;
  readonly issuer?: string;
  readonly audience?: string | string[];
}

export const USER_ID = '0198c9a0-0000-7000-8000-000000000001';

export async function startTestIssuer(): Promise<TestIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const describe = async (key: CryptoKey, kid: string) => ({
    ...(await exportJWK(key)),
    kid,
    alg: 'ES256',
    use: 'sig',
  });
  let published = [await describe(publicKey, 'key-1')];
  let signing = { keyId: 'key-1', key: privateKey };
  let fetches = 0;
  const server = createServer((_request, response) => {
    fetches += 1;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: published }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const rules = {
    jwksUrl: `http://127.0.0.1:${port}/.well-known/jwks.json`,
    issuer: 'http://issuer.test',
    audience: 'orion',
  };
  return {
    rules,
    publicPem: await exportSPKI(publicKey),
    token: ({
      claims,
      header,
      issuedIn = 0,
      expiresIn = 900,
      issuer = rules.issuer,
      audience = rules.audience,
    } = {}) => {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({
        sub: USER_ID,
        sid: 'session-1',
        jti: 'jti-1',
        permissions: ['notification:send:any'],
        amr: ['pwd'],
        auth_time: now,
        ...claims,
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: signing.keyId, ...header })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(now + issuedIn)
        .setExpirationTime(now + expiresIn)
        .sign(signing.key);
    },
    fetches: () => fetches,
    rotate: async (keyId) => {
      const next = await generateKeyPair('ES256', { extractable: true });
      published = [...published, await describe(next.publicKey, keyId)];
      signing = { keyId, key: next.privateKey };
    },
    withdraw: (keyId) => {
      published = published.filter(({ kid }) => kid !== keyId);
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import type { JWTPayload } from 'jose';

/** In what a provider differs from an honest one; nothing of it, and it is one. */
export interface Misconduct {
  /** Undefined leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly signature?: 'none' | 'other-key' | 'hs256';
  /** What the token endpoint answers instead. */
  readonly token?: 'ten-megabytes' | 'redirect' | 'hang' | 'no-id-token' | 'not-json';
  /** Where it says that its keys are. */
  readonly keysAt?: string;
  /** What it says of itself instead of its issuer. */
  readonly discovery?: Readonly<Record<string, unknown>>;
}

/** A provider of OpenID Connect on loopback that does what a test wants. */
export interface ScriptedProvider {
  readonly issuer: string;
  misconduct: Misconduct;
  /** Of the visit that is to come back: what an honest provider remembers of it. */
  nonce: string;
  /** Requests that arrived, by path. */
  readonly requests: string[];
  stop(): Promise<void>;
}

export const SCRIPTED_CLIENT = 'orion';

export async function startScriptedProvider(): Promise<ScriptedProvider> {
  const [own, other] = await Promise.all([
    generateKeyPair('RS256', { extractable: true }),
    generateKeyPair('RS256', { extractable: true }),
  ]);
  const publicJwk = { ...(await exportJWK(own.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  const requests: string[] = [];
  const state = { misconduct: {} as Misconduct, nonce: '' };

  async function idToken(issuer: string): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const claims: JWTPayload = {
      iss: issuer,
      aud: SCRIPTED_CLIENT,
      sub: 'somebody',
      iat: now,
      exp: now + 300,
      nonce: state.nonce,
      email: 'somebody@provider.example',
      email_verified: true,
      name: 'Somebody',
      ...state.misconduct.claims,
    };
    const { signature } = state.misconduct;
    if (signature === 'none') return new UnsecuredJWT(claims).encode();
    if (signature === 'hs256') {
      // The public key taken for a secret: whoever knows it could sign.
      const secret = new TextEncoder().encode(JSON.stringify(publicJwk));
      return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(secret);
    }
    const key = signature === 'other-key' ? other.privateKey : own.privateKey;
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(key);
  }

  async function answerToken(response: ServerResponse, issuer: string): Promise<void> {
    const { token } = state.misconduct;
    if (token === 'hang') return;
    if (token === 'redirect') {
      response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
      return;
    }
    if (token === 'ten-megabytes') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ access_token: 'x'.repeat(10 * 1024 * 1024), token_type: 'bearer' }));
      return;
    }
    if (token === 'not-json') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('<html>');
      return;
    }
    const id = token === 'no-id-token' ? {} : { id_token: await idToken(issuer) };
    sendJson(response, { access_token: 'opaque', token_type: 'Bearer', expires_in: 60, ...id });
  }

  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const issuer = issuerOf(server.address() as AddressInfo);
    if (path === '/.well-known/openid-configuration') {
      sendJson(response, {
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: state.misconduct.keysAt ?? `${issuer}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        code_challenge_methods_supported: ['S256'],
        ...state.misconduct.discovery,
      });
    } else if (path === '/keys') sendJson(response, { keys: [publicJwk] });
    else if (path === '/token') void answerToken(response, issuer);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(state, {
    issuer: issuerOf(server.address() as AddressInfo),
    requests,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  });
}

function issuerOf({ port }: AddressInfo): string {
  return `http://127.0.0.1:${port}`;
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

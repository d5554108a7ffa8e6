import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '@orion/platform/testing';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import type { CryptoKey, JWTPayload } from 'jose';
import { connectClient } from '../../testing/test-client.js';
import { compose, startTestGateway } from '../../testing/test-gateway.js';
import type { TestGateway } from '../../testing/test-gateway.js';
import { startTestGraph } from '../../testing/test-graph.js';
import type { TestGraph } from '../../testing/test-graph.js';

const ISSUER = 'https://issuer.test';
const AUDIENCE = 'a-graph';

let graph: TestGraph;
let gateway: TestGateway;
let fetches = 0;
let isIssuerDown = false;
let rsa: CryptoKey;
let ed: CryptoKey;
let rsaPem: string;
let jwksUrl: string;
const stopKeys: (() => void)[] = [];

/** Tokens of an issuer that knows nothing of ORION. */
beforeAll(async () => {
  graph = await startTestGraph();
  const rsaPair = await generateKeyPair('RS256', { extractable: true });
  const edPair = await generateKeyPair('Ed25519', { extractable: true });
  rsa = rsaPair.privateKey;
  ed = edPair.privateKey;
  rsaPem = await exportSPKI(rsaPair.publicKey);
  const keys = [
    { ...(await exportJWK(rsaPair.publicKey)), kid: 'rsa', use: 'sig' },
    { ...(await exportJWK(edPair.publicKey)), kid: 'ed', use: 'sig' },
    {
      kty: 'oct',
      k: Buffer.from('a shared secret that is in the set by mistake').toString('base64url'),
      kid: 'oct',
      alg: 'HS256',
    },
  ];
  const server = createServer((_request, response) => {
    fetches += 1;
    if (isIssuerDown) return void response.writeHead(500).end();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stopKeys.push(() => {
    server.close();
    server.closeAllConnections();
  });
  jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  gateway = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    tokens: {
      jwksUrl,
      issuer: ISSUER,
      audience: AUDIENCE,
      profile: 'any',
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  await graph.stop();
  for (const stop of stopKeys) stop();
});

interface Signing {
  readonly claims?: JWTPayload;
  readonly header?: Record<string, unknown>;
  readonly key?: CryptoKey | Uint8Array;
  readonly alg?: string;
  readonly kid?: string;
  readonly understood?: Record<string, boolean>;
}

function sign({
  claims,
  header,
  key = rsa,
  alg = 'RS256',
  kid = 'rsa',
  understood = {},
}: Signing = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ sub: 'user', iss: ISSUER, aud: AUDIENCE, exp: now + 3_600 * 24, ...claims })
    .setProtectedHeader({ alg, kid, ...header })
    .sign(key, { crit: understood });
}

const statusOf = async (token: string): Promise<number> =>
  (await gateway.ask('{ me { id } }', { headers: { authorization: `Bearer ${token}` } })).status;

const secret = (text: string): Uint8Array => new TextEncoder().encode(text);

test('good tokens of any issuer are taken: RS256 and EdDSA, without a session, for as long as their issuer likes', async () => {
  expect(await statusOf(await sign())).toBe(200);
  expect(await statusOf(await sign({ key: ed, alg: 'EdDSA', kid: 'ed' }))).toBe(200);
  expect(await statusOf(await sign({ header: { typ: 'at+jwt' }, claims: { aud: ['other', AUDIENCE] } }))).toBe(200);
});

test.each<[string, () => Promise<string>]>([
  [
    'no signature',
    () =>
      Promise.resolve(new UnsecuredJWT({ sub: 'user', iss: ISSUER, aud: AUDIENCE }).setExpirationTime('1h').encode()),
  ],
  ['its public key as an HMAC secret', () => sign({ alg: 'HS256', key: secret(rsaPem) })],
  [
    'a symmetric key of the set',
    () => sign({ alg: 'HS256', kid: 'oct', key: secret('a shared secret that is in the set by mistake') }),
  ],
  ['another key under a known id', async () => sign({ key: (await generateKeyPair('RS256')).privateKey })],
  [
    'the algorithm of another key',
    async () => sign({ key: (await generateKeyPair('ES256')).privateKey, alg: 'ES256', kid: 'rsa' }),
  ],
  [
    'a key that it brings itself',
    async () => {
      const pair = await generateKeyPair('RS256', { extractable: true });
      return sign({
        key: pair.privateKey,
        header: { jwk: await exportJWK(pair.publicKey), jku: 'http://evil.test/jwks' },
      });
    },
  ],
  [
    'an extension that has to be understood',
    () => sign({ header: { crit: ['x-limits'], 'x-limits': 1 }, understood: { 'x-limits': true } }),
  ],
  ['another issuer', () => sign({ claims: { iss: 'https://evil.test' } })],
  ['another audience', () => sign({ claims: { aud: 'other' } })],
  ['no end', () => sign({ claims: { exp: undefined } as never })],
  ['an end in the past', () => sign({ claims: { exp: 1_000 } })],
  ['a beginning in the future', () => sign({ claims: { nbf: Math.floor(Date.now() / 1000) + 3_600 } })],
  ['nobody’s name', () => sign({ claims: { sub: undefined } as never })],
  ['an empty name', () => sign({ claims: { sub: '' } })],
  ['scopes that are no text', () => sign({ claims: { scope: { admin: true } } })],
  ['a hundred kilobytes', () => Promise.resolve(`${'a'.repeat(5_000)}.${'b'.repeat(5_000)}.c`)],
])('a token with %s is refused', async (_what, make) => {
  expect(await statusOf(await make())).toBe(401);
});

test('a socket with a bad token is closed', async () => {
  const client = connectClient(gateway.socketUrl, { authorization: 'Bearer bad' });
  await expect(client.ask('{ me { id } }')).rejects.toBeDefined();
  expect(client.closes[0]?.code).toBe(4403);
});

test('claims that only ORION’s own issuer may make are not believed of another', async () => {
  const token = await sign({ claims: { permissions: ['everything'], amr: ['mfa'], sid: 's' } });
  const before = graph.accounts.requests.length;
  expect(await statusOf(token)).toBe(200);
  for (const { headers } of graph.accounts.requests.slice(before))
    expect(JSON.stringify(headers)).not.toContain('everything');
});

test('hundreds of unknown key ids at once bring the issuer one request', async () => {
  const tokens = await Promise.all(Array.from({ length: 200 }, (_, at) => sign({ kid: `unknown-${at}` })));
  const before = fetches;
  const statuses = await Promise.all(tokens.map(statusOf));
  expect(new Set(statuses)).toEqual(new Set([401]));
  expect(fetches - before).toBeLessThanOrEqual(1);
  expect(await statusOf(await sign())).toBe(200);
});

test('an issuer that is down is not asked for every token, and good keys that are known go on', async () => {
  const lonely = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    tokens: { jwksUrl, issuer: ISSUER, audience: AUDIENCE, profile: 'any' },
  });
  isIssuerDown = true;
  try {
    const before = fetches;
    const headers = { authorization: `Bearer ${await sign()}` };
    for (let round = 0; round < 30; round += 1)
      expect((await lonely.ask('{ me { id } }', { headers })).status).toBe(503);
    expect(fetches - before).toBeLessThanOrEqual(2);
    expect(await statusOf(await sign())).toBe(200);
    isIssuerDown = false;
    await eventually(async () => (await lonely.ask('{ me { id } }', { headers })).status === 200);
  } finally {
    isIssuerDown = false;
    await lonely.stop();
  }
}, 15_000);

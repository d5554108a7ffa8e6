import { eventually } from '@orion/platform/testing';
import { SignJWT, UnsecuredJWT } from 'jose';
import { connectClient } from '../testing/test-client.js';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { Answer, TestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';
import { startTestIssuer, USER_ID } from '../testing/test-issuer.js';
import type { TestIssuer } from '../testing/test-issuer.js';

const HOUR = 3600;
let graph: TestGraph;
let issuer: TestIssuer;
let gateway: TestGateway;

beforeAll(async () => {
  graph = await startTestGraph();
  issuer = await startTestIssuer();
  gateway = await startTestGateway({ supergraph: { sdl: await compose(graph.subgraphs) }, tokens: issuer.rules });
});

afterAll(async () => {
  await gateway.stop();
  await issuer.stop();
  await graph.stop();
});

function asHolderOf(token: string): Promise<Answer> {
  return gateway.ask('{ me { id } }', { headers: { authorization: `Bearer ${token}` } });
}

async function unsigned(): Promise<string> {
  const token = await issuer.token();
  const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  return new UnsecuredJWT(payload).encode();
}

async function withPublicKeyAsHmacSecret(): Promise<string> {
  return new SignJWT({ sub: USER_ID, sid: 'session-1' })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'key-1' })
    .setIssuer(issuer.rules.issuer)
    .setAudience(issuer.rules.audience)
    .setIssuedAt()
    .setExpirationTime('15m')
    .sign(new TextEncoder().encode(issuer.publicPem));
}

async function tampered(): Promise<string> {
  const [header, , signature] = (await issuer.token()).split('.');
  const payload = Buffer.from(JSON.stringify({ sub: 'somebody-else', sid: 's', iat: 0, exp: 9_999_999_999 })).toString(
    'base64url',
  );
  return [header, payload, signature].join('.');
}

test('a good token and no token are both served', async () => {
  expect((await asHolderOf(await issuer.token())).status).toBe(200);
  expect((await asHolderOf(await issuer.token({ expiresIn: HOUR }))).status).toBe(200);
  expect((await gateway.ask('{ me { id } }')).status).toBe(200);
});

test.each<[string, () => Promise<string>, RegExp]>([
  ['without a signature (alg none)', unsigned, /not accepted/],
  ['signed with the public key as an HMAC secret', withPublicKeyAsHmacSecret, /not accepted/],
  ['with another payload under the signature', tampered, /signature does not verify/],
  [
    'that expired an hour ago',
    () => issuer.token({ issuedIn: -2 * HOUR, expiresIn: -HOUR }),
    /expired at .*send refreshTokens or login without this `authorization` header.*clock/,
  ],
  [
    'that lives longer than its revocation is remembered',
    () => issuer.token({ expiresIn: HOUR + 1 }),
    /3601 s.*3600 s/,
  ],
  [
    'issued by a clock an hour ahead',
    () => issuer.token({ issuedIn: HOUR, expiresIn: HOUR + 900 }),
    /not yet valid.*clock/,
  ],
  [
    'that starts in an hour',
    () => issuer.token({ claims: { nbf: Math.floor(Date.now() / 1000) + HOUR } }),
    /not yet valid.*clock/,
  ],
  ['for another audience', () => issuer.token({ audience: 'somebody' }), /"aud"/],
  ['of another issuer', () => issuer.token({ issuer: 'http://evil.test' }), /"iss"/],
  ['of another type', () => issuer.token({ header: { typ: 'JWT' } }), /type is not at\+jwt/],
  ['signed with an unknown key', () => issuer.token({ header: { kid: 'other' } }), /no known key/],
  ['without a session', () => issuer.token({ claims: { sid: undefined } }), /lacks a claim/],
  ['that is no JWT', () => Promise.resolve('opaque'), /not a JWT/],
])('refuses a token %s', async (_what, make, message) => {
  const { status, headers, errors, data } = await asHolderOf(await make());
  expect(status).toBe(401);
  expect(headers.get('www-authenticate')).toContain('Bearer');
  expect(data).toBeUndefined();
  expect(errors?.[0]).toMatchObject({
    message: expect.stringMatching(message) as string,
    extensions: { code: 'UNAUTHENTICATED' },
  });
});

test('refuses another scheme instead of serving its sender as a stranger', async () => {
  for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer a b', await issuer.token()]) {
    const { status, errors } = await gateway.ask('{ me { id } }', { headers: { authorization } });
    expect(status).toBe(401);
    expect(errors?.[0]?.message).toContain('Bearer TOKEN');
  }
});

test('tolerates a few seconds between the clocks', async () => {
  expect((await asHolderOf(await issuer.token({ issuedIn: 3 }))).status).toBe(200);
  expect((await asHolderOf(await issuer.token({ issuedIn: -900, expiresIn: -2 }))).status).toBe(200);
});

test('a flood of unknown key ids does not become a flood towards the issuer', async () => {
  const before = issuer.fetches();
  for (let index = 0; index < 20; index += 1)
    await asHolderOf(await issuer.token({ header: { kid: `flood-${index}` } }));
  expect(issuer.fetches() - before).toBeLessThanOrEqual(1);
});

test('serves the public keys under its own address', async () => {
  const response = await fetch(`${gateway.url}/.well-known/jwks.json`);
  expect(response.headers.get('content-type')).toBe('application/jwk-set+json');
  expect(await response.json()).toMatchObject({ keys: [{ kid: 'key-1', crv: 'P-256' }] });
});

test('a token that cannot be judged is 503, not 401', async () => {
  const lonely = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    tokens: { ...issuer.rules, jwksUrl: 'http://127.0.0.1:9/jwks' },
  });
  try {
    const { status, headers, errors } = await lonely.ask('{ me { id } }', {
      headers: { authorization: `Bearer ${await issuer.token()}` },
    });
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('2');
    expect(errors?.[0]?.extensions['code']).toBe('SERVICE_UNAVAILABLE');
  } finally {
    await lonely.stop();
  }
});

test('until past revocations are known a token is 503 and its socket 1013; who has none is served', async () => {
  let showThere: () => void = () => undefined;
  const caughtUp = new Promise<void>((resolve) => (showThere = resolve));
  const waiting = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    tokens: issuer.rules,
    revocationFeed: {
      tail: () => Promise.resolve({ caughtUp, stop: () => Promise.resolve() }),
    },
  });
  const health = async (query: string): Promise<number> => (await fetch(`${waiting.url}/health${query}`)).status;
  const authorization = `Bearer ${await issuer.token()}`;
  try {
    const { status, headers, errors } = await waiting.ask('{ me { id } }', { headers: { authorization } });
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('2');
    expect(errors?.[0]?.extensions['code']).toBe('SERVICE_UNAVAILABLE');
    const client = connectClient(waiting.socketUrl, { authorization });
    await expect(client.ask('{ me { id } }')).rejects.toBeDefined();
    expect(client.closes[0]?.code).toBe(1013);
    expect((await waiting.ask('{ me { id } }')).status).toBe(200);
    expect([await health('?ready'), await health(''), await health('?live')]).toEqual([503, 503, 200]);
    showThere();
    await eventually(async () => (await health('?ready')) === 200);
    expect((await waiting.ask('{ me { id } }', { headers: { authorization } })).status).toBe(200);
  } finally {
    await waiting.stop();
  }
}, 15_000);

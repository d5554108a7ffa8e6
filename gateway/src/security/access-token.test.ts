import { createHmac, randomBytes } from 'node:crypto';
import { signContext } from '@orion/platform/identity';
import { eventually, testViewer } from '@orion/platform/testing';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { JWK } from 'jose';
import { openRawConnection } from '../testing/raw-connection.js';
import { startHttpServer } from '../testing/raw-server.js';
import type { RawServer } from '../testing/raw-server.js';
import { connectClient } from '../testing/test-client.js';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { Answer, TestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';
import { startTestIssuer, USER_ID } from '../testing/test-issuer.js';
import type { TestIssuer } from '../testing/test-issuer.js';
import { startViewerGraph } from '../testing/viewer-graph.js';

const HOUR = 3600;
let graph: TestGraph;
let issuer: TestIssuer;
let gateway: TestGateway;
/** Serves the attacker's key to whoever asks; nobody should. */
let trapServer: RawServer;
let trap: JWK | undefined;

beforeAll(async () => {
  graph = await startTestGraph();
  issuer = await startTestIssuer();
  trapServer = await startHttpServer((response) => void response.end(JSON.stringify({ keys: [trap] })));
  gateway = await startTestGateway({ supergraph: { sdl: await compose(graph.subgraphs) }, tokens: issuer.rules });
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all([issuer.stop(), graph.stop(), trapServer.stop()]);
});

function asHolderOf(token: string): Promise<Answer> {
  return gateway.ask('{ me { id } }', { headers: { authorization: `Bearer ${token}` } });
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The claims of a good token under another header, and with another signature. */
async function forged(header: Readonly<Record<string, unknown>>, sign: (signed: string) => string): Promise<string> {
  const [, payload = ''] = (await issuer.token()).split('.');
  const signed = `${encode({ typ: 'at+jwt', kid: 'key-1', ...header })}.${payload}`;
  return `${signed}.${sign(signed)}`;
}

const unsigned = (alg: string) => () => forged({ alg }, () => '');

function withPublicKeyAsSecret(alg: 'HS256' | 'HS512'): () => Promise<string> {
  return () =>
    forged({ alg }, (signed) =>
      createHmac(alg.replace('HS', 'sha'), issuer.publicPem).update(signed).digest('base64url'),
    );
}

async function tampered(): Promise<string> {
  const [header, , signature] = (await issuer.token()).split('.');
  return [header, encode({ sub: 'somebody-else', sid: 's', iat: 0, exp: 9_999_999_999 }), signature].join('.');
}

/** Signed with a key of the attacker's, which the header brings or tells where to find. */
async function byAttacker(header: (own: { readonly jwk: JWK; readonly url: string }) => object): Promise<string> {
  const pair = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'key-1', alg: 'ES256' };
  trap = jwk;
  const own = header({ jwk, url: `http://127.0.0.1:${trapServer.port}/jwks` });
  return new SignJWT({ sub: USER_ID, sid: 'session-1', jti: 'jti-1' })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'key-1', ...own })
    .setIssuer(issuer.rules.issuer)
    .setAudience(issuer.rules.audience)
    .setIssuedAt()
    .setExpirationTime('15m')
    .sign(pair.privateKey);
}

async function expectRefused(make: () => Promise<string>, message: RegExp): Promise<void> {
  const { status, headers, errors, data } = await asHolderOf(await make());
  expect(status).toBe(401);
  expect(headers.get('www-authenticate')).toContain('Bearer');
  expect(data).toBeUndefined();
  expect(errors?.[0]).toMatchObject({
    message: expect.stringMatching(message) as string,
    extensions: { code: 'UNAUTHENTICATED' },
  });
}

type Refused = readonly [string, () => Promise<string>, RegExp];

test('a good token and no token are both served', async () => {
  expect((await asHolderOf(await issuer.token())).status).toBe(200);
  expect((await asHolderOf(await issuer.token({ expiresIn: HOUR }))).status).toBe(200);
  expect((await asHolderOf(await issuer.token({ audience: [issuer.rules.audience] }))).status).toBe(200);
  expect((await gateway.ask('{ me { id } }')).status).toBe(200);
});

test.each<Refused>([
  ['without a signature (alg none)', unsigned('none'), /not accepted/],
  ['without a signature (alg None)', unsigned('None'), /not accepted/],
  ['without a signature (alg ES256)', unsigned('ES256'), /not accepted/],
  ['signed with the public key as a secret (HS256)', withPublicKeyAsSecret('HS256'), /not accepted/],
  ['signed with the public key as a secret (HS512)', withPublicKeyAsSecret('HS512'), /not accepted/],
  [
    'whose header says RS256',
    () =>
      forged({ alg: 'RS256' }, (signed) => createHmac('sha256', issuer.publicPem).update(signed).digest('base64url')),
    /not accepted/,
  ],
])('ID-28: refuses a token %s', (_what, make, message) => expectRefused(make, message));

test.each<Refused>([
  ['with a path for a key id', () => issuer.token({ header: { kid: '../../x' } }), /no known key/],
  ['with SQL for a key id', () => issuer.token({ header: { kid: "' OR 1=1 --" } }), /no known key/],
  ['with a key id that is a list', () => issuer.token({ header: { kid: ['key-1'] } }), /not accepted/],
  ['with a key id that is an object', () => issuer.token({ header: { kid: { key: 'key-1' } } }), /not accepted/],
  ['signed with an unknown key', () => issuer.token({ header: { kid: 'other' } }), /no known key/],
  ['that brings its key (jwk)', () => byAttacker(({ jwk }) => ({ jwk })), /signature does not verify/],
  ['that says where its key is (jku)', () => byAttacker(({ url }) => ({ jku: url })), /signature does not verify/],
  ['that says where its key is (x5u)', () => byAttacker(({ url }) => ({ x5u: url })), /signature does not verify/],
  ['with a URL for a key id', () => byAttacker(({ url }) => ({ kid: url })), /no known key/],
  ['that must be understood (crit)', () => forged({ alg: 'ES256', crit: ['exp'], exp: 1 }, () => 'AA'), /not a JWT/],
])('ID-29: refuses a token %s, and fetches nothing for it', async (_what, make, message) => {
  await expectRefused(make, message);
  expect(trapServer.count()).toBe(0);
});

test.each<Refused>([
  [
    'that expired an hour ago',
    () => issuer.token({ issuedIn: -2 * HOUR, expiresIn: -HOUR }),
    /expired at .*send refreshTokens or login without this `authorization` header.*clock/,
  ],
  ['that expired beyond the tolerance', () => issuer.token({ issuedIn: -900, expiresIn: -7 }), /expired/],
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
    'that starts in a minute',
    () => issuer.token({ claims: { nbf: Math.floor(Date.now() / 1000) + 60 } }),
    /not yet valid.*clock/,
  ],
  ['for another audience', () => issuer.token({ audience: 'somebody' }), /"aud"/],
  ['for others as well', () => issuer.token({ audience: ['orion', 'somebody'] }), /one aud/],
  ['of another issuer', () => issuer.token({ issuer: 'http://evil.test' }), /"iss"/],
  ['without a session', () => issuer.token({ claims: { sid: undefined } }), /lacks a claim/],
  ['without a subject', () => issuer.token({ claims: { sub: undefined } }), /"sub"/],
  ['without an id', () => issuer.token({ claims: { jti: undefined } }), /lacks a claim/],
])('ID-30: refuses a token %s', (_what, make, message) => expectRefused(make, message));

test.each<Refused>([
  ['a token of another type', () => issuer.token({ header: { typ: 'JWT' } }), /type is not at\+jwt/],
  ['a token without a type', () => issuer.token({ header: { typ: undefined } }), /type is not at\+jwt/],
  [
    'the context that a gateway signs',
    () =>
      signContext(
        { viewer: testViewer(), requestId: 'r', clientIp: null, userAgent: null },
        { secret: 'a secret of at least thirty-two characters', audience: 'orion', body: '' },
      ),
    /not accepted/,
  ],
  ['an opaque token, as those are that refresh', () => Promise.resolve(randomBytes(32).toString('base64url')), /JWT/],
  ['an API key', () => Promise.resolve(`orion_00000001_${randomBytes(32).toString('base64url')}`), /JWT/],
])('ID-31: refuses %s for an access token', (_what, make, message) => expectRefused(make, message));

test.each<Refused>([
  ['with another payload under the signature', tampered, /signature does not verify/],
  ['that is no JWT', () => Promise.resolve('opaque'), /not a JWT/],
  ['of two parts', async () => (await issuer.token()).split('.').slice(0, 2).join('.'), /not a JWT/],
  ['of five parts', async () => `${await issuer.token()}.x.y`, /not a JWT/],
])('ID-32: refuses a token %s', (_what, make, message) => expectRefused(make, message));

test('ID-32: a token of a megabyte is refused before it is read, over HTTP and on a WebSocket', async () => {
  const large = `Bearer ${'a'.repeat(1_000_000)}`;
  const connection = await openRawConnection(gateway.url);
  connection.send(`POST /graphql HTTP/1.1\r\nhost: gateway\r\nauthorization: ${large}\r\n\r\n`);
  await connection.closed;
  expect(connection.statuses()).toEqual([431]);
  const client = connectClient(gateway.socketUrl, { authorization: large });
  await expect(client.ask('{ me { id } }')).rejects.toBeDefined();
  expect(client.closes[0]?.code).toBe(1009);
});

test('ID-32: two authorization headers are none that anybody agrees on', async () => {
  const body = JSON.stringify({ query: '{ me { id } }' });
  const good = `authorization: Bearer ${await issuer.token()}`;
  for (const headers of [
    [good, good],
    [good, 'Authorization: Bearer x'],
    ['AUTHORIZATION: Bearer x', good],
  ]) {
    const connection = await openRawConnection(gateway.url);
    const rest = ['content-type: application/json', `content-length: ${body.length}`, 'connection: close', '', body];
    connection.send(['POST /graphql HTTP/1.1', 'host: gateway', ...headers, ...rest].join('\r\n'));
    await connection.closed;
    expect(connection.statuses()).toEqual([401]);
  }
});

test('ID-33: a key that signs no more verifies as long as it is published, and not afterwards', async () => {
  const rotating = await startViewerGraph();
  try {
    const announceRotation = () =>
      rotating.announce('security.event_recorded', { kind: 'signing_keys_rotated', securityEventId: 'e' });
    const asHolder = async (token: string) =>
      (await rotating.gateway.ask('{ viewer { kind } }', { headers: { authorization: `Bearer ${token}` } })).status;
    const old = await rotating.issuer.token();
    expect(await asHolder(old)).toBe(200);
    await rotating.issuer.rotate('key-2');
    await announceRotation();
    const next = await rotating.issuer.token();
    await eventually(async () => (await asHolder(next)) === 200);
    expect(await asHolder(old)).toBe(200);
    rotating.issuer.withdraw('key-1');
    await announceRotation();
    await eventually(async () => (await asHolder(old)) === 401);
    expect(await asHolder(next)).toBe(200);
  } finally {
    await rotating.stop();
  }
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

test('ID-33: a flood of unknown key ids does not become a flood towards the issuer', async () => {
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

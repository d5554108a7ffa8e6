import { eventually } from '@orion/platform/testing';
import { openRawConnection } from '../../testing/raw-connection.js';
import { connectClient } from '../../testing/test-client.js';
import { compose, recordingLogger, startTestGateway } from '../../testing/test-gateway.js';
import type { TestGateway } from '../../testing/test-gateway.js';
import { startTestGraph } from '../../testing/test-graph.js';
import type { TestGraph } from '../../testing/test-graph.js';
import { startTestIssuer } from '../../testing/test-issuer.js';
import type { TestIssuer } from '../../testing/test-issuer.js';
import { hasRedis, startTestRedis } from '../../testing/test-redis.js';
import type { RateLimitSettings } from './rate-limits.js';

let graph: TestGraph;
let issuer: TestIssuer;
let sdl: string;

beforeAll(async () => {
  graph = await startTestGraph();
  issuer = await startTestIssuer();
  sdl = await compose(graph.subgraphs);
});

afterAll(async () => {
  await graph.stop();
  await issuer.stop();
});

const start = (rateLimits?: Partial<RateLimitSettings>, logger = recordingLogger().logger): Promise<TestGateway> =>
  startTestGateway({ supergraph: { sdl }, tokens: issuer.rules, rateLimits, logger, trustedProxyHops: 1 });

const from = (address: string, token?: string) => ({
  headers: { 'x-forwarded-for': address, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
});
const QUERY = '{ me { id } }';

/** What a gateway says to the handshake of a WebSocket with a bad token. */
async function shakeHands({ url }: TestGateway, address: string): Promise<string> {
  const connection = await openRawConnection(url);
  connection.send(
    `GET /graphql HTTP/1.1\r\nhost: gateway\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n` +
      `sec-websocket-key: ${Buffer.alloc(16).toString('base64')}\r\nsec-websocket-protocol: graphql-transport-ws\r\n` +
      `authorization: Bearer guess\r\nx-forwarded-for: ${address}\r\n\r\n`,
  );
  await eventually(() => connection.statuses().length > 0);
  connection.destroy();
  return connection.received();
}

test('the operation over the limit is 429, with when to come back, and reaches no subgraph', async () => {
  const gateway = await start({ perIp: 3 });
  try {
    const statuses = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await gateway.ask(QUERY, from('203.0.113.1'))).status);
    expect(statuses).toEqual([200, 200, 200]);
    const before = graph.accounts.requests.length;
    const { status, headers, errors } = await gateway.ask(QUERY, from('203.0.113.1'));
    expect(status).toBe(429);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(/More than 3 operations a minute from this address. Try again in \d+ s/) as string,
      extensions: { code: 'RATE_LIMITED', requestId: expect.any(String) as string },
    });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(20);
    expect(headers.get('ratelimit-policy')).toBe('"ip";q=3;w=60');
    expect(headers.get('ratelimit')).toMatch(/^"ip";r=0;t=(59|60)$/);
    expect(graph.accounts.requests.length).toBe(before);
    expect((await gateway.ask(QUERY, from('203.0.113.2'))).status).toBe(200);
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  } finally {
    await gateway.stop();
  }
});

test('ID-11: a client cannot choose what it is counted as', async () => {
  const gateway = await start({ perIp: 2 });
  try {
    const statuses = [];
    for (let index = 0; index < 4; index += 1)
      statuses.push((await gateway.ask(QUERY, from(`198.51.100.${index}, 203.0.113.9`))).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
  } finally {
    await gateway.stop();
  }
});

test('a user has a limit of its own, wherever it comes from, and what is left of both is told', async () => {
  const gateway = await start({ perIp: 100, perIdentity: 2 });
  try {
    const token = await issuer.token();
    const ask = (address: string) => gateway.ask(QUERY, from(address, token));
    const first = await ask('203.0.113.1');
    expect(first.headers.get('ratelimit')).toMatch(/^"ip";r=99;t=1, "identity";r=1;t=\d+$/);
    expect((await ask('203.0.113.2')).status).toBe(200);
    const refused = await ask('203.0.113.3');
    expect(refused.status).toBe(429);
    expect(refused.errors?.[0]?.message).toContain('by this user');
    const other = await issuer.token({ claims: { sub: 'somebody-else' } });
    expect((await gateway.ask(QUERY, from('203.0.113.1', other))).status).toBe(200);
    expect((await gateway.ask(QUERY, from('203.0.113.1'))).status).toBe(200);
  } finally {
    await gateway.stop();
  }
});

test('ID-32: guessing tokens is counted as well, and so are operations on a WebSocket', async () => {
  const gateway = await start({ perIp: 3 });
  try {
    const guess = async () => (await gateway.ask(QUERY, from('203.0.113.1', 'guess'))).status;
    expect([await guess(), await guess(), await guess(), await guess()]).toEqual([401, 401, 401, 429]);
    const client = connectClient(gateway.socketUrl);
    // One is the handshake, and one the subscription, which keeps the socket open.
    const running = client.subscribe('subscription { noted(topic: "a") { id } }');
    await client.ask(QUERY);
    await expect(client.ask(QUERY)).rejects.toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
    await expect(client.subscribe('subscription { noted(topic: "a") { id } }').done).rejects.toMatchObject([
      { extensions: { code: 'RATE_LIMITED' } },
    ]);
    running.stop();
    await client.close();
  } finally {
    await gateway.stop();
  }
});

test('handshakes of WebSockets are counted too, whatever token they bring, and the one over the limit is 429', async () => {
  const gateway = await start({ perIp: 2 });
  const shake = (address: string): Promise<string> => shakeHands(gateway, address);
  try {
    expect(await shake('203.0.113.1')).toMatch(/^HTTP\/1\.1 101 /);
    expect(await shake('203.0.113.1:4711')).toMatch(/^HTTP\/1\.1 101 /);
    const refused = await shake('203.0.113.1');
    expect(refused).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\nretry-after: \d+\r\n/);
    expect(refused).toContain('More than 2 operations a minute from this address.');
    expect((await gateway.ask(QUERY, from('203.0.113.1'))).status).toBe(429);
    expect(await shake('203.0.113.2')).toMatch(/^HTTP\/1\.1 101 /);
  } finally {
    await gateway.stop();
  }
});

test('ID-11: one address is one client, with the port that a proxy adds and without, and what is no address is the proxy', async () => {
  const gateway = await start({ perIp: 2 });
  const statuses = async (...addresses: readonly string[]): Promise<number[]> => {
    const found = [];
    for (const address of addresses) found.push((await gateway.ask(QUERY, from(address))).status);
    return found;
  };
  try {
    expect(await statuses('1.2.3.4:5678', '::ffff:0102:0304', '1.2.3.4:5679')).toEqual([200, 200, 429]);
    expect(await statuses('[2001:db8::1]:443', '2001:DB8:0:0::2', '[2001:db8::3]')).toEqual([200, 200, 429]);
    expect(await statuses('unknown', '_hidden', 'a'.repeat(100))).toEqual([200, 200, 429]);
  } finally {
    await gateway.stop();
  }
});

test('behind a proxy that nobody told of, the operator is told, once', async () => {
  const { logger, lines } = recordingLogger();
  const gateway = await startTestGateway({ supergraph: { sdl }, rateLimits: { perIp: 1 }, logger });
  try {
    for (const address of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) await gateway.ask(QUERY, from(address));
    expect(lines.filter((line) => line.includes('TRUSTED_PROXY_HOPS')).length).toBe(1);
  } finally {
    await gateway.stop();
  }
});

test('by default there is none in development', async () => {
  const gateway = await start();
  try {
    expect((await gateway.ask(QUERY)).headers.get('ratelimit')).toBeNull();
  } finally {
    await gateway.stop();
  }
});

(hasRedis() ? test : test.skip)(
  'handshakes of WebSockets are counted by several gateways together (needs redis-server on the PATH)',
  async () => {
    const redis = await startTestRedis();
    const gateways = [await start({ perIp: 4, redisUrl: redis.url }), await start({ perIp: 4, redisUrl: redis.url })];
    let addresses = 0;
    try {
      // Each counts by itself until it is connected.
      await eventually(async () => {
        const address = `203.0.113.${(addresses += 1)}`;
        const statuses = [];
        for (const gateway of [...gateways, ...gateways, ...gateways])
          statuses.push((await shakeHands(gateway, address)).slice(9, 12));
        return statuses.join(' ') === '101 101 101 101 429 429';
      });
    } finally {
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      await redis.kill();
    }
  },
  60_000,
);

(hasRedis() ? test : test.skip)(
  'two gateways share their limits in Redis, each counts alone while it is gone, and they share again (needs redis-server on the PATH)',
  async () => {
    const redis = await startTestRedis();
    const recorded = [recordingLogger(), recordingLogger()] as const;
    const rates = { perIp: 4, redisUrl: redis.url };
    const one = await start(rates, recorded[0].logger);
    const other = await start(rates, recorded[1].logger);
    const status = async (gateway: TestGateway, address: string) => (await gateway.ask(QUERY, from(address))).status;
    let addresses = 0;
    /** Four operations by turns, and whether a fifth at the one that was asked last is one too many. */
    const areShared = async (): Promise<boolean> => {
      const address = `203.0.113.${(addresses += 1)}`;
      for (const gateway of [one, other, one, other]) expect(await status(gateway, address)).toBe(200);
      return (await status(other, address)) === 429;
    };
    try {
      await eventually(areShared);
      await redis.kill();
      await eventually(async () => !(await areShared()));
      const alone = '198.51.100.1';
      for (let index = 0; index < 4; index += 1) expect(await status(one, alone)).toBe(200);
      expect(await status(one, alone)).toBe(429);
      await redis.restart();
      await eventually(areShared);
      for (const { lines } of recorded) {
        await eventually(() => lines.length >= 2);
        expect(lines.map((line) => /Redis is (away|back)/.exec(line)?.[1])).toEqual(['away', 'back']);
      }
    } finally {
      await Promise.all([one.stop(), other.stop()]);
      await redis.kill();
    }
  },
  60_000,
);

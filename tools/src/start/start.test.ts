import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { WebSocketServer } from 'ws';
import type { Platform } from '../platform/index.js';
import { freePort } from '../ports/index.js';
import { banner, summary } from './banner.js';
import { findEndpoints } from './endpoints.js';
import { requireFreePorts } from './port-check.js';
import { refuseProductionDefaults } from './production.js';
import { selfCheck } from './self-check.js';
import { terminalStyle } from './terminal-style.js';

describe('ports', () => {
  async function holding(port: number, args: readonly string[]): Promise<() => Promise<void>> {
    const script = `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', script, ...args]);
    await once(child.stdout, 'data');
    return async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    };
  }

  test('free ones pass', async () => {
    const ports = { auth: await freePort(), gateway: await freePort() };
    await expect(requireFreePorts(ports, { root: '/checkout' })).resolves.toBeUndefined();
  });

  test('a taken one is told with its holder and a command that works', async () => {
    const gateway = await freePort();
    const release = await holding(gateway + 1, ['some-server']);
    try {
      const outcome = requireFreePorts({ auth: gateway + 1, gateway }, { root: '/checkout' });
      await expect(outcome).rejects.toMatchObject({
        name: 'Problem',
        message: expect.stringMatching(
          new RegExp(`^port ${gateway + 1} \\(auth\\) is taken by .*some-server \\(pid \\d+\\)$`),
        ) as string,
        advice: expect.arrayContaining([
          expect.stringMatching(/^Use free ports: npm start -- --port \d+$/),
        ]) as string[],
      });
    } finally {
      await release();
    }
  });

  test('a port that HTTP clients refuse is told before anything starts', async () => {
    await expect(requireFreePorts({ auth: 6000, gateway: 5999 }, { root: '/checkout' })).rejects.toThrow(
      'refuse to talk to port 6000 (auth)',
    );
  });

  test('a platform of the same checkout that runs already is recognised', async () => {
    const gateway = await freePort();
    const release = await holding(gateway, [path.join('/checkout', 'gateway', 'dist', 'main.js')]);
    try {
      await expect(requireFreePorts({ gateway }, { root: '/checkout' })).rejects.toMatchObject({
        message: `ORION is running here already: http://localhost:${gateway}`,
        advice: [expect.stringContaining(`kill ${process.pid}`), expect.stringContaining('ORION_DATA_DIR=')],
      });
    } finally {
      await release();
    }
  });
});

test('production without what it needs is refused with every missing variable, EX_CONFIG', () => {
  expect(() => refuseProductionDefaults({ NODE_ENV: 'development' })).not.toThrow();
  const given = { NODE_ENV: 'production', DATABASE_URL: 'postgresql://x', PUBLIC_URL: 'https://x', MAIL_FROM: 'a@b' };
  try {
    refuseProductionDefaults(given);
    throw new Error('not refused');
  } catch (error) {
    const { exitCode, advice } = error as { readonly exitCode: number; readonly advice: string[] };
    expect(exitCode).toBe(78);
    expect(advice.map((line) => /^Set (\w+):/.exec(line)?.[1])).toEqual([
      'ORION_CONTEXT_SECRET',
      'ORION_SEALING_KEY',
      'SMTP_URL',
      undefined,
    ]);
  }
  expect(() =>
    refuseProductionDefaults({ ...given, ORION_CONTEXT_SECRET: 's', ORION_SEALING_KEY: 'k', SMTP_URL: 'smtp://x' }),
  ).not.toThrow();
});

describe('self-check and banner', () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  /** A gateway that knows the check's operations; `broken` fields are null with an error. */
  async function fakeGateway({
    broken = [],
    refuse = false,
  }: { readonly broken?: readonly string[]; readonly refuse?: boolean } = {}): Promise<Platform> {
    const me: Record<string, unknown> = {
      displayName: 'Alice',
      sessions: { nodes: [{}] },
      notificationCounts: { unseen: 1 },
      activitySummary: { logins: 2 },
    };
    for (const field of broken) me[field] = null;
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        if (request.url !== '/graphql') {
          response.statusCode = request.url === '/health' ? 200 : 404;
          response.setHeader('content-type', 'application/json').end('{}');
          return;
        }
        const data = body.includes('login(') ? { login: { tokens: { accessToken: 'token' } } } : { me };
        response.end(
          JSON.stringify({ data, ...(broken.length === 0 ? {} : { errors: [{ message: 'analytics is away' }] }) }),
        );
      });
    };
    const server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const sockets = new WebSocketServer({ server, handleProtocols: () => 'graphql-transport-ws' });
    sockets.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        const { type, payload } = JSON.parse(data.toString()) as {
          readonly type: string;
          readonly payload?: { readonly authorization?: string };
        };
        if (type === 'connection_init' && (refuse || payload?.authorization !== 'Bearer token'))
          socket.close(4403, 'Forbidden');
        else if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
        if (type === 'ping') socket.send('{"type":"pong"}');
      });
    });
    closers.push(() => {
      sockets.close();
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}/graphql`,
      wsUrl: `ws://127.0.0.1:${port}/graphql`,
      ports: { auth: 4001, user: 4002, notification: 4003, analytics: 4004, gateway: port, postgres: 54_329 },
      processes: {},
      dataDir: '/checkout/.orion',
      logDir: '/checkout/.orion/logs',
    } as unknown as Platform;
  }

  test('everything that works is announced, and only what is there', async () => {
    const platform = await fakeGateway();
    const checks = await selfCheck(platform, { signal: new AbortController().signal });
    expect(checks).toEqual({ auth: null, user: null, notification: null, analytics: null, subscription: null });
    const report = {
      root: '/checkout',
      platform,
      checks,
      endpoints: await findEndpoints(platform),
      readySeconds: 1.234,
    };
    const text = banner(report, terminalStyle({ isTTY: false }));
    expect(text).toContain('ready in 1.2 s');
    expect(text).toContain('analytics 4004 ok');
    expect(text).toContain(`http://localhost:${platform.ports['gateway']}/health`);
    expect(text).not.toContain('/graphiql');
    expect(text).not.toContain('\u001b');
    expect(summary(report)).toMatchObject({
      readySeconds: 1.23,
      checks,
      endpoints: { health: expect.any(String) as string },
    });
  });

  test('what does not work is named, with the reason and where to read more', async () => {
    const platform = await fakeGateway({ broken: ['activitySummary'], refuse: true });
    const abort = new AbortController();
    abort.abort();
    const checks = await selfCheck(platform, { signal: abort.signal });
    expect(checks).toEqual({
      auth: null,
      user: null,
      notification: null,
      analytics: 'analytics is away',
      subscription: 'closed with 4403 Forbidden',
    });
    const text = banner(
      { root: '/checkout', platform, checks, endpoints: [], readySeconds: 2 },
      terminalStyle({ isTTY: false }),
    );
    expect(text).toContain('analytics 4004 FAILED');
    expect(text).toContain(`analytics: analytics is away   (${path.join('.orion', 'logs', 'analytics.log')})`);
  });

  test('colours only on a terminal, and not with NO_COLOR', () => {
    const { NO_COLOR } = process.env;
    delete process.env['NO_COLOR'];
    expect(terminalStyle({ isTTY: false }).bold('x')).toBe('x');
    process.env['NO_COLOR'] = '1';
    expect(terminalStyle({ isTTY: true }).bold('x')).toBe('x');
    if (NO_COLOR === undefined) delete process.env['NO_COLOR'];
    else process.env['NO_COLOR'] = NO_COLOR;
  });
});

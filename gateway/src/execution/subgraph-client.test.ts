import { eventually } from '@orion/platform/testing';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphQLError } from 'graphql';
import { startHttpServer, startRawServer } from '../testing/raw-server.js';
import type { RawServer } from '../testing/raw-server.js';
import { callTo, createTestSubgraphClient } from '../testing/test-subgraph-client.js';
import type { SubgraphCall } from './subgraph-call.js';
import type { SubgraphClient, SubgraphClientOptions } from './subgraph-client.js';

const cleanUp: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of cleanUp.splice(0).toReversed()) await stop();
});

function client(options: Partial<SubgraphClientOptions> = {}): SubgraphClient {
  const made = createTestSubgraphClient(options);
  cleanUp.push(() => made.close());
  return made;
}

async function raw(answer: (socket: Socket, count: number) => void): Promise<RawServer> {
  const server = await startRawServer(answer);
  cleanUp.push(() => server.stop());
  return server;
}

async function http(...parameters: Parameters<typeof startHttpServer>): Promise<RawServer> {
  const server = await startHttpServer(...parameters);
  cleanUp.push(() => server.stop());
  return server;
}

/** The error of a call that must fail. */
async function errorOf(sender: SubgraphClient, call: SubgraphCall): Promise<GraphQLError> {
  const outcome: unknown = await sender.send(call).catch((error: unknown) => error);
  if (outcome instanceof GraphQLError) return outcome;
  throw new Error(`expected a GraphQLError, got ${JSON.stringify(outcome)}`);
}

const JSON_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

describe('answers', () => {
  test('data, errors, extensions and the statements that it took come as the subgraph sent them', async () => {
    const { url } = await http((response) => {
      response.setHeader('x-orion-sql-statements', '7');
      response.end('{"data":{"a":1},"errors":[{"message":"no"}],"extensions":{"b":2},"sqlStatements":99,"else":3}');
    });
    await expect(client().send(callTo(url))).resolves.toEqual({
      data: { a: 1 },
      errors: [{ message: 'no' }],
      extensions: { b: 2 },
      sqlStatements: 7,
    });
  });

  test.each([200, 400, 401, 500, 503])('errors in GraphQL pass with status %d', async (status) => {
    const { url } = await http((response) => response.writeHead(status).end('{"errors":[{"message":"because"}]}'));
    await expect(client().send(callTo(url))).resolves.toEqual({ errors: [{ message: 'because' }] });
  });

  test('an answer in many pieces, cut within characters, is put together', async () => {
    const text = JSON.stringify({ data: { name: 'Ærøskøbing 🚢 '.repeat(500) } });
    const { url } = await raw((socket) => {
      const bytes = Buffer.from(text);
      socket.write(`${JSON_HEAD}transfer-encoding: chunked\r\n\r\n`);
      for (let at = 0; at < bytes.length; at += 7) {
        const piece = bytes.subarray(at, at + 7);
        socket.write(Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]));
      }
      socket.write('0\r\n\r\n');
    });
    await expect(client().send(callTo(url))).resolves.toEqual(JSON.parse(text));
  });

  test('of an error only what has the right type comes', async () => {
    const errors = [
      { message: 'a', path: ['b', 0], extensions: { c: 1 }, locations: [{ line: 1, column: 1 }] },
      { message: 1, path: 5, extensions: 'x' },
      { path: ['a', { toString: 'x' }], extensions: [] },
      { message: 'b', path: null, extensions: null },
    ];
    const { url } = await http((response) => response.end(JSON.stringify({ data: null, errors })));
    await expect(client().send(callTo(url))).resolves.toEqual({
      data: null,
      errors: [{ message: 'a', path: ['b', 0], extensions: { c: 1 } }, {}, {}, { message: 'b' }],
    });
  });

  test('__proto__ in an answer is a field like any other', async () => {
    const { url } = await http((response) =>
      response.end('{"__proto__":{"polluted":1},"data":{"__proto__":{"polluted":1},"constructor":2}}'),
    );
    const { data } = await client().send(callTo(url));
    expect(Object.keys(data ?? {})).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('connections are kept and used again', async () => {
    const server = await http((response) => response.end('{"data":{}}'));
    const sender = client();
    for (let round = 0; round < 20; round += 1) await sender.send(callTo(server.url));
    expect(server.count()).toBe(20);
    // The next call may leave a moment before the last one's connection is free again.
    expect(server.open()).toBeLessThanOrEqual(2);
  });

  test('no more connections are opened than allowed: the others wait', async () => {
    const held: (() => void)[] = [];
    const server = await http((response) => held.push(() => response.end('{"data":{}}')));
    const sender = client({ connections: 2 });
    const calls = Array.from({ length: 6 }, () => sender.send(callTo(server.url)));
    for (let answered = 0; answered < 6; answered += 1) {
      await eventually(() => held.length > 0);
      expect(server.open()).toBeLessThanOrEqual(2);
      held.shift()?.();
    }
    await expect(Promise.all(calls)).resolves.toHaveLength(6);
  });

  test('https is spoken, and only with a certificate that is trusted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orion-tls-'));
    const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
        .concat(['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'])
        .concat(['-keyout', keyFile, '-out', certificateFile]),
      { stdio: 'ignore' },
    );
    const cert = readFileSync(certificateFile, 'utf8');
    const server = createTlsServer({ key: readFileSync(keyFile), cert }, (request, response) => {
      request.resume().on('end', () => response.end('{"data":{"isSafe":true}}'));
    }).listen(0, '127.0.0.1');
    rmSync(folder, { recursive: true });
    await once(server, 'listening');
    cleanUp.push(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    const url = `https://localhost:${(server.address() as AddressInfo).port}/graphql`;
    await expect(client({ certificateAuthorities: cert }).send(callTo(url))).resolves.toEqual({
      data: { isSafe: true },
    });
    expect((await errorOf(client(), callTo(url))).message).toContain('self-signed certificate');
  });
});

describe('misbehaving subgraphs are an error that names them', () => {
  test.each([
    ['no JSON', 'hello', 'SUBREQUEST_MALFORMED'],
    ['nothing', '', 'SUBREQUEST_MALFORMED'],
    ['truncated JSON', '{"data":{"me":{"id":', 'SUBREQUEST_MALFORMED'],
    ['JSON that is no object', '[{"data":{}}]', 'SUBREQUEST_MALFORMED'],
    ['null', 'null', 'SUBREQUEST_MALFORMED'],
    ['neither data nor errors', '{"result":{}}', 'SUBREQUEST_MALFORMED'],
    ['data that is a list', '{"data":[]}', 'SUBREQUEST_MALFORMED'],
    ['data that is a string', '{"data":"x"}', 'SUBREQUEST_MALFORMED'],
    ['errors that are no list', '{"data":{},"errors":"x"}', 'SUBREQUEST_MALFORMED'],
    ['errors that are no objects', '{"data":{},"errors":["x"]}', 'SUBREQUEST_MALFORMED'],
  ])('%s', async (_what, body, code) => {
    const { url } = await http((response) => response.end(body));
    const error = await errorOf(client(), callTo(url));
    expect(error.message).toContain('"test"');
    expect(error.extensions).toEqual({ code, serviceName: 'test' });
  });

  test.each([
    [500, ''],
    [502, '<html>bad gateway</html>'],
    [404, 'not found'],
    [200, undefined],
  ])('status %d with %j', async (status, body) => {
    const { url } = await http((response) =>
      body === undefined ? response.destroy() : response.writeHead(status).end(body),
    );
    const error = await errorOf(client(), callTo(url));
    expect(error.extensions).toEqual({ code: 'SUBREQUEST_HTTP_ERROR', serviceName: 'test' });
    if (body !== undefined) expect(error.message).toContain(`HTTP ${status}`);
  });

  test('a redirect is not followed', async () => {
    const secret = await http((response) => response.end('{"data":{"secret":1}}'));
    const { url } = await http((response) => response.writeHead(307, { location: secret.url }).end());
    const error = await errorOf(client(), callTo(url));
    expect(error.extensions['code']).toBe('SUBREQUEST_HTTP_ERROR');
    expect(error.message).toContain('redirects are not followed');
    expect(secret.count()).toBe(0);
  });

  test.each([
    ['bytes that are no HTTP', (socket: Socket) => socket.write('\x00\xffgarbage\r\n\r\nmore\r\n\r\n')],
    ['an early end', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le')],
    [
      'a body shorter than announced',
      (socket: Socket) => socket.end(`${JSON_HEAD}content-length: 500\r\n\r\n{"data":`),
    ],
    ['a broken chunk', (socket: Socket) => socket.write(`${JSON_HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n{}`)],
    [
      'a reset in the middle of the body',
      (socket: Socket) =>
        socket.write(`${JSON_HEAD}content-length: 500\r\n\r\n{"data":`, () => socket.resetAndDestroy()),
    ],
    [
      'two content-lengths',
      (socket: Socket) => socket.write(`${JSON_HEAD}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`),
    ],
    ['an upgrade', (socket: Socket) => socket.write('HTTP/1.1 101 x\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n')],
    ['headers without end', (socket: Socket) => socket.write(`${JSON_HEAD}x: ${'x'.repeat(200_000)}`)],
  ])('%s', async (_what, answer) => {
    const { url } = await raw(answer);
    const error = await errorOf(client({ timeoutMs: 20_000 }), callTo(url));
    expect(error.extensions).toEqual({ code: 'SUBREQUEST_HTTP_ERROR', serviceName: 'test' });
  });

  test('what follows an answer on its connection is never taken for the next one', async () => {
    const forged = '{"data":{"user":"somebody else"}}';
    const server = await raw((socket, count) => {
      const own = `{"data":{"count":${count}}}`;
      socket.write(`${JSON_HEAD}content-length: ${own.length}\r\n\r\n${own}`);
      socket.write(`${JSON_HEAD}content-length: ${forged.length}\r\n\r\n${forged}`);
    });
    const sender = client();
    for (let count = 1; count <= 3; count += 1) {
      await expect(sender.send(callTo(server.url))).resolves.toEqual({ data: { count } });
    }
  });

  test('an address that is none', async () => {
    for (const url of ['', 'not an address', 'ftp://127.0.0.1/', 'file:///etc/passwd']) {
      expect((await errorOf(client(), callTo(url))).extensions).toEqual({
        code: 'SUBREQUEST_HTTP_ERROR',
        serviceName: 'test',
      });
    }
  });
});

describe('an answer that is too long', () => {
  test('is refused by its announcement, before a byte of it is read', async () => {
    const server = await raw((socket) => socket.write(`${JSON_HEAD}content-length: 500000000\r\n\r\n`));
    const error = await errorOf(client({ answerBytes: 1_000 }), callTo(server.url));
    expect(error.extensions).toEqual({ code: 'SUBREQUEST_TOO_LARGE', serviceName: 'test' });
    await eventually(() => server.closed() === 1);
  });

  test('is refused as it comes: of 500 MB only the limit is taken, and the connection is dropped', async () => {
    const piece = Buffer.alloc(64 * 1024, 'x');
    let sent = 0;
    const server = await raw((socket) => {
      socket.write(`${JSON_HEAD}transfer-encoding: chunked\r\n\r\n`);
      const send = (): void => {
        while (sent < 500_000_000 && !socket.destroyed) {
          sent += piece.length;
          socket.write(`${piece.length.toString(16)}\r\n`);
          socket.write(piece);
          if (!socket.write('\r\n')) {
            socket.once('drain', send);
            return;
          }
        }
      };
      send();
    });
    const error = await errorOf(client({ answerBytes: 2_000_000 }), callTo(server.url));
    expect(error.extensions).toEqual({ code: 'SUBREQUEST_TOO_LARGE', serviceName: 'test' });
    await eventually(() => server.closed() === 1);
    expect(sent).toBeLessThan(50_000_000);
  });

  test('is one byte longer than allowed', async () => {
    const body = '{"data":{"a":1}}';
    const { url } = await http((response) => response.end(body));
    await expect(client({ answerBytes: body.length }).send(callTo(url))).resolves.toEqual({ data: { a: 1 } });
    const error = await errorOf(client({ answerBytes: body.length - 1 }), callTo(url));
    expect(error.extensions['code']).toBe('SUBREQUEST_TOO_LARGE');
  });
});

describe('time', () => {
  const slow: readonly [string, (socket: Socket) => void][] = [
    ['never answers', () => undefined],
    ['does not finish its headers', (socket) => void socket.write('HTTP/1.1 200 OK\r\nx-slow: ')],
    [
      'drips its body',
      (socket) => {
        socket.write(`${JSON_HEAD}content-length: 100000\r\n\r\n{"data":{"`);
        const timer = setInterval(() => socket.write('x'), 10);
        socket.on('close', () => clearInterval(timer));
      },
    ],
  ];

  test.each(slow)(
    'a subgraph that %s is given up at its timeout, and its connection dropped',
    async (_what, answer) => {
      const server = await raw(answer);
      const startedAt = performance.now();
      const error = await errorOf(client({ timeoutMs: 150 }), callTo(server.url));
      expect(error.extensions).toEqual({ code: 'SUBREQUEST_TIMEOUT', serviceName: 'test' });
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(149);
      await eventually(() => server.closed() === 1);
    },
  );

  test("the operation's deadline comes before the subgraph's timeout", async () => {
    const { url } = await raw(() => undefined);
    const startedAt = performance.now();
    const error = await errorOf(client({ timeoutMs: 60_000 }), callTo(url, { deadline: startedAt + 100 }));
    expect(error.extensions['code']).toBe('SUBREQUEST_TIMEOUT');
    expect(performance.now() - startedAt).toBeLessThan(30_000);
  });

  test('nothing is sent when no time is left', async () => {
    const server = await http((response) => response.end('{"data":{}}'));
    const error = await errorOf(client(), callTo(server.url, { deadline: performance.now() - 1 }));
    expect([error.extensions['code'], server.count()]).toEqual(['SUBREQUEST_TIMEOUT', 0]);
  });

  test('a call that is given up while it waits for a connection is never sent, and the connection serves on', async () => {
    const held: (() => void)[] = [];
    const server = await http((response) => held.push(() => response.end('{"data":{}}')));
    const sender = client({ connections: 1 });
    const first = sender.send(callTo(server.url));
    await eventually(() => held.length === 1);
    const error = await errorOf(sender, callTo(server.url, { deadline: performance.now() + 50 }));
    expect(error.extensions['code']).toBe('SUBREQUEST_TIMEOUT');
    held.shift()?.();
    await first;
    const third = sender.send(callTo(server.url));
    await eventually(() => held.length === 1);
    held.shift()?.();
    await third;
    expect([server.count(), server.open()]).toEqual([2, 1]);
  });

  test('closing the client ends the calls under way', async () => {
    const server = await raw(() => undefined);
    const sender = client();
    const call = errorOf(sender, callTo(server.url));
    await eventually(() => server.count() === 1);
    await sender.close();
    expect((await call).extensions['code']).toBe('SUBREQUEST_HTTP_ERROR');
  });
});

describe('what a subgraph is told', () => {
  test('request id, trace and the forwarded headers of the client', async () => {
    const received: Record<string, unknown>[] = [];
    const { url } = await http((response, { request, body }) => {
      received.push({ ...request.headers, method: request.method, path: request.url, body });
      response.end('{"data":{}}');
    });
    const call = callTo(`${url}?a=b`);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const caller = { ...call.caller, traceparent, forwarded: { authorization: 'Bearer x', 'x-tenant': 'ä' } };
    await client().send({ ...call, caller });
    expect(received).toEqual([
      {
        host: new URL(url).host,
        connection: 'keep-alive',
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
        'content-length': String(call.body.length),
        'x-request-id': 'request-number-1',
        traceparent,
        authorization: 'Bearer x',
        'x-tenant': 'ä',
        method: 'POST',
        path: '/graphql?a=b',
        body: call.body,
      },
    ]);
  });
});

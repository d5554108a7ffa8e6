import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { describeHolder, findFreeBlock, freePort, isPortFree, portHolder } from './index.js';

const servers: Server[] = [];

async function listen(host: string, port = 0): Promise<number> {
  const server = createServer();
  servers.push(server);
  await once(server.listen(port, host), 'listening');
  return (server.address() as AddressInfo).port;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

test('a port somebody listens on is not free, on either loopback address', async () => {
  expect(await isPortFree(await listen('127.0.0.1'))).toBe(false);
  expect(await isPortFree(await listen('::1'))).toBe(false);
});

test('free ports can be listened on and are never given out twice', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort));
  expect(new Set(ports).size).toBe(50);
  expect(await listen('127.0.0.1', ports[0])).toBe(ports[0]);
});

test('a block is free as a whole', async () => {
  const base = await findFreeBlock(21_000, { offsets: [0, 1, 4] });
  await listen('127.0.0.1', base + 4);
  expect(await findFreeBlock(base, { offsets: [0, 1, 4] })).toBeGreaterThan(base);
  expect(await findFreeBlock(base, { offsets: [0, 1] })).toBe(base);
});

test('a block with a port that HTTP clients refuse is skipped', async () => {
  expect(await findFreeBlock(6000, { offsets: [0] })).toBeGreaterThan(6000);
  expect(await findFreeBlock(5999, { offsets: [0, 1] })).toBeGreaterThan(6000);
});

test('the holder of a port is named with pid and command', async () => {
  const port = await freePort();
  const other = spawn(process.execPath, [
    '-e',
    `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`,
    'marker-argument',
  ]);
  try {
    await once(other.stdout, 'data');
    const holder = await portHolder(port);
    expect(holder?.pid).toBe(other.pid);
    expect(holder?.command).toContain('marker-argument');
    expect(describeHolder(holder)).toContain(`(pid ${other.pid})`);
  } finally {
    other.kill('SIGKILL');
    await once(other, 'exit');
  }
  expect(await portHolder(port)).toBeNull();
});

test('a holder that cannot be seen is "another process"', () => {
  expect(describeHolder(null)).toBe('another process');
  expect(describeHolder({ pid: 7, command: 'x'.repeat(500) })).toHaveLength('(pid 7)'.length + 121);
});

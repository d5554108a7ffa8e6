import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A real Redis on a port of its own, with nothing on disk. */
export interface TestRedis {
  readonly url: string;
  /** As by `kill -9`: connections break without a word. */
  kill(): Promise<void>;
  /** Connections stay, and nothing is answered until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** On the same port, empty. */
  restart(): Promise<void>;
}

const ANSWER_WITHIN_MS = 10_000;

/**
 * Whether `redis-server` (Debian package redis-server) can be run here. Throws instead of answering no where
 * `ORION_REQUIRE_REDIS=1` says that it has to be.
 */
export function hasRedis(): boolean {
  const isThere = spawnSync('redis-server', ['--version']).status === 0;
  if (!isThere && process.env['ORION_REQUIRE_REDIS'] === '1')
    throw new Error('ORION_REQUIRE_REDIS=1, and there is no redis-server on the PATH');
  return isThere;
}

export async function startTestRedis(): Promise<TestRedis> {
  const port = await freePort();
  let child = await startServer(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    restart: async () => {
      child = await startServer(port);
    },
  };
}

async function startServer(port: number) {
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    {
      stdio: 'ignore',
    },
  );
  await once(child, 'spawn');
  const deadline = Date.now() + ANSWER_WITHIN_MS;
  while (!(await answers(port))) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`redis-server does not answer on ${port}`);
    await wait(20);
  }
  return child;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().startsWith('+PONG'));
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

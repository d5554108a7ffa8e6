import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Problem, errorCode } from '../problem/index.js';
import { isBlockedPort } from './blocked-ports.js';

/**
 * Below the ranges that systems give to outgoing connections (Linux 32768+, macOS and Windows 49152+): a port found
 * free here stays free until the process it is meant for listens on it.
 */
const FIRST = 20_000;
const LAST = 32_000;

/** Given out by this process, and not to be given out twice. */
const given = new Set<number>();

/** Whether a server can listen on the port on both loopback addresses: `localhost` may mean either. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '::1'));
}

/** A free loopback port, never the same one twice in a process. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(FIRST, LAST);
    if (given.has(port)) continue;
    given.add(port);
    if (await isPortFree(port)) return port;
  }
  throw new Problem(`No free port between ${FIRST} and ${LAST}.`);
}

/** The first port at or after `from`, in steps of 10, that is free, and open to HTTP clients, together with those `offsets` above it. */
export async function findFreeBlock(
  from: number,
  { offsets }: { readonly offsets: readonly number[] },
): Promise<number> {
  const highest = Math.max(...offsets);
  for (let base = from; base + highest <= 65_535; base += 10) {
    const free = await Promise.all(
      offsets.map(async (offset) => !isBlockedPort(base + offset) && isPortFree(base + offset)),
    );
    if (free.every(Boolean)) return base;
  }
  throw new Problem(`No ${offsets.length} free ports together above ${from}.`);
}

async function canListen(port: number, host: string): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    if (errorCode(error) === 'EACCES') {
      throw new Problem(`This account may not listen on port ${port}.`, {
        advice: ['Use a port above 1023.'],
        cause: error,
      });
    }
    // No IPv6 here: nobody can hold the port on it.
    return ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(errorCode(error) ?? '');
  }
  server.close();
  await once(server, 'close');
  return true;
}

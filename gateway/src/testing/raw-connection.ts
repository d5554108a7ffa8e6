import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A TCP connection to a server, for what no HTTP client would send. */
export interface RawConnection {
  readonly socket: Socket;
  send(text: string): void;
  /** Everything that has come so far. */
  received(): string;
  /** Status codes of the answers so far, in order. */
  statuses(): number[];
  /** Resolves when the server has closed it. */
  readonly closed: Promise<void>;
  destroy(): void;
}

export async function openRawConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: false });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  // A server that cuts a connection off may do it with a reset.
  socket.on('error', () => undefined);
  const received = (): string => Buffer.concat(chunks).toString('latin1');
  return {
    socket,
    send: (text) => void socket.write(text),
    received,
    statuses: () => [...received().matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status)),
    closed,
    destroy: () => socket.destroy(),
  };
}

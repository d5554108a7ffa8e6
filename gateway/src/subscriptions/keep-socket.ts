import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** A client that asks without reading is not read from either, as long as so much waits for it. */
const UNREAD_BYTES = 1024 * 1024;

/** Pings, and cuts off who does not answer before the next ping. */
export function keepAlive(socket: WebSocket, everyMs: number): () => void {
  let isAlive = true;
  socket.on('pong', () => (isAlive = true));
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, everyMs);
  return () => clearInterval(timer);
}

/** Looks after a client that sends faster than it reads: what it is answered would fill the memory. Call for each message. */
export function createBrake(socket: WebSocket, connection: Duplex): () => void {
  connection.on('drain', () => {
    if (socket.isPaused) socket.resume();
  });
  return () => {
    if (connection.writableLength > UNREAD_BYTES) socket.pause();
  };
}

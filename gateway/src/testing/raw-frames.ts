import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A WebSocket client that does only what it is told: it answers no ping and no close, and reads when it wants. */
export interface RawFrames {
  readonly connection: Socket;
  send(text: string): void;
  /** Sends a frame of any opcode, masked as clients must. */
  frame(opcode: number, payload: Buffer): void;
  /** Opcode and payload of each frame that came. */
  readonly received: { readonly opcode: number; readonly payload: Buffer }[];
}

export async function openRawFrames(url: string): Promise<RawFrames> {
  const { hostname, port, pathname } = new URL(url);
  const connection = connect(Number(port), hostname);
  await once(connection, 'connect');
  connection.write(
    `GET ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
      `sec-websocket-version: 13\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\n` +
      'sec-websocket-protocol: graphql-transport-ws\r\n\r\n',
  );
  const received: RawFrames['received'] = [];
  let rest = Buffer.alloc(0);
  let isUpgraded = false;
  const read = (chunk: Buffer): void => {
    rest = Buffer.concat([rest, chunk]);
    if (!isUpgraded) {
      const end = rest.indexOf('\r\n\r\n');
      if (end === -1) return;
      isUpgraded = true;
      rest = rest.subarray(end + 4);
    }
    for (let frame = takeFrame(rest); frame !== undefined; frame = takeFrame(rest)) {
      received.push(frame);
      rest = rest.subarray(frame.size);
    }
  };
  connection.on('data', read);
  // A connection that the gateway cuts off is what many of its users wait for.
  connection.on('error', () => undefined);
  const frame = (opcode: number, payload: Buffer): void => {
    const mask = randomBytes(4);
    const head = Buffer.alloc(payload.length < 126 ? 2 : 4);
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | Math.min(payload.length, 126);
    if (payload.length >= 126) head.writeUInt16BE(payload.length, 2);
    const masked = Buffer.from(payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0)));
    connection.write(Buffer.concat([head, mask, masked]));
  };
  return { connection, send: (text) => frame(1, Buffer.from(text)), frame, received };
}

/** The first whole frame of a server, unmasked; undefined when there is none yet. */
function takeFrame(
  bytes: Buffer,
): { readonly opcode: number; readonly payload: Buffer; readonly size: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (bytes.length < start + length) return undefined;
  return { opcode: (bytes[0] ?? 0) & 0x0f, payload: bytes.subarray(start, start + length), size: start + length };
}

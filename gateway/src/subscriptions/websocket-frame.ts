import type { Outlet } from './outlet.js';
import type { StreamEvent } from './stream-event.js';

/** FIN and the opcode of text: https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
const WHOLE_TEXT = 0x81;
const LENGTH_IN_16_BITS = 126;
const LENGTH_IN_64_BITS = 127;
/** Up to here a copy is cheaper than a second write. */
const COPIED_BYTES = 4_096;

/** How a `next` message of graphql-transport-ws begins: the same for every event of an operation. */
export function nextPrefix(id: string): Buffer {
  return Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
}

/** Writes a result as an unmasked frame, as servers send them. The result's bytes are shared with every other client. */
export function writeNext(outlet: Outlet, prefix: Buffer, event: StreamEvent): void {
  const rest = event.bytes(payloadAndEnd);
  const length = prefix.length + rest.length;
  const start = headerSize(length);
  if (rest.length <= COPIED_BYTES) {
    const frame = Buffer.allocUnsafe(start + length);
    writeHeader(frame, length);
    frame.set(prefix, start);
    frame.set(rest, start + prefix.length);
    outlet.write(frame);
    return;
  }
  const head = Buffer.allocUnsafe(start + prefix.length);
  writeHeader(head, length);
  head.set(prefix, start);
  outlet.writePair(head, rest);
}

function payloadAndEnd(text: string): Buffer {
  return Buffer.from(`${text}}`);
}

function headerSize(length: number): number {
  if (length < LENGTH_IN_16_BITS) return 2;
  return length < 65_536 ? 4 : 10;
}

function writeHeader(target: Buffer, length: number): void {
  target[0] = WHOLE_TEXT;
  if (length < LENGTH_IN_16_BITS) {
    target[1] = length;
  } else if (length < 65_536) {
    target[1] = LENGTH_IN_16_BITS;
    target.writeUInt16BE(length, 2);
  } else {
    target[1] = LENGTH_IN_64_BITS;
    target.writeUInt16BE(0, 2);
    target.writeUIntBE(length, 4, 6);
  }
}

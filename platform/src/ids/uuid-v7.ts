import { randomFillSync } from 'node:crypto';

/** Random bytes are drawn in bulk: one call into OpenSSL for 256 ids. */
const POOL = Buffer.alloc(256 * 10);
let poolOffset = POOL.length;

/** Beyond this, the counter of a millisecond is used up and the next id takes the next millisecond. */
const COUNTER_LIMIT = 2 ** 32;

let lastMillisecond = -1;
let counter = 0;

/**
 * A UUID version 7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then a 32-bit counter that starts at a random
 * point each millisecond (section 6.2, method 1), then 42 random bits. Ids of one process rise strictly, also when the
 * clock steps back, so that they sort in the order they were made.
 */
export function uuidv7(): string {
  if (poolOffset === POOL.length) {
    randomFillSync(POOL);
    poolOffset = 0;
  }
  const random = POOL.subarray(poolOffset, poolOffset + 10);
  poolOffset += 10;
  advance(random);
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeUIntBE(lastMillisecond, 0, 6);
  // version (4 bits) and the upper 12 bits of the counter; variant (2 bits) and its lower 20 bits
  bytes.writeUInt16BE(0x7000 | (counter >>> 20), 6);
  bytes.writeUInt16BE(0x8000 | ((counter >>> 6) & 0x3fff), 8);
  random.copy(bytes, 10, 4, 10);
  bytes[10] = ((counter & 0x3f) << 2) | (bytes.readUInt8(10) & 0x03);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** When a version 7 UUID was made, to the millisecond. */
export function uuidv7Time(id: string): Date {
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}

function advance(random: Buffer): void {
  const now = Date.now();
  if (now > lastMillisecond) {
    lastMillisecond = now;
    // The highest bit starts as 0, so that at least 2^31 ids fit into the millisecond.
    counter = random.readUInt32BE(0) >>> 1;
    return;
  }
  counter += 1;
  if (counter === COUNTER_LIMIT) {
    lastMillisecond += 1;
    counter = random.readUInt32BE(0) >>> 1;
  }
}

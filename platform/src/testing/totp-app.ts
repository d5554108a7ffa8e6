import { createHmac } from 'node:crypto';

const PERIOD_MS = 30_000;
const DIGITS = 6;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** An authenticator app (RFC 6238), written apart from the library that the platform checks codes with. */
export interface TotpApp {
  /** The code of the present step of 30 s, or of one so many steps from it. */
  code(stepsFromNow?: number): string;
}

/** @param secret base32 */
export function createTotpApp(secret: string, { now = Date.now }: { readonly now?: () => number } = {}): TotpApp {
  const bits = Array.from(secret.replaceAll('=', ''), (letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0'));
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  const key = Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
  return {
    code(stepsFromNow = 0) {
      const counter = Buffer.alloc(8);
      counter.writeBigUInt64BE(BigInt(Math.floor(now() / PERIOD_MS) + stepsFromNow));
      const mac = createHmac('sha1', key).update(counter).digest();
      const offset = mac.readUInt8(mac.length - 1) % 16;
      return String((mac.readUInt32BE(offset) % 2 ** 31) % 10 ** DIGITS).padStart(DIGITS, '0');
    },
  };
}

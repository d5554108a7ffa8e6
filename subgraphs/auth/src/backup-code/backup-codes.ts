import { randomBytes } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { KeyedHash } from '../keyed-hash/keyed-hash.js';

const COUNT = 10;
/** Base 32 without letters that look like digits (Crockford): 12 of them are 60 bits. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 12;
const GROUP = /.{4}(?=.)/g;

/** Without what people put between the groups, in upper case. Null when it cannot be a code. */
export function readBackupCode(typed: string): string | null {
  if (typed.length > LENGTH * 2) return null;
  const code = typed.replaceAll(/[\s-]/g, '').toUpperCase();
  return /^[0-9A-HJKMNP-TV-Z]{12}$/.test(code) ? code : null;
}

/** Codes that let somebody in once each when the second factor is not at hand. */
export class BackupCodes {
  constructor(private readonly hash: KeyedHash) {}

  /** New codes, for the only time that anybody sees them; earlier ones stop working. In the caller's transaction. */
  async replace(manager: EntityManager, userId: string): Promise<string[]> {
    const codes = Array.from({ length: COUNT }, newCode);
    await manager.query('DELETE FROM backup_codes WHERE user_id = $1', [userId]);
    await manager.query('INSERT INTO backup_codes (user_id, hash) SELECT $1, unnest($2::bytea[])', [
      userId,
      codes.map((code) => this.hash.of(`${userId}:${code}`)),
    ]);
    return codes.map((code) => code.replaceAll(GROUP, '$&-'));
  }

  /** Uses one up. Returns how many are left, or null when this one is none. */
  async use(manager: EntityManager, userId: string, code: string): Promise<number | null> {
    // One conditional UPDATE: of many concurrent uses exactly one gets the row.
    const [used] = await manager.query<[unknown[], number]>(
      'UPDATE backup_codes SET used_at = now() WHERE user_id = $1 AND hash = ANY($2) AND used_at IS NULL RETURNING user_id',
      [userId, this.hash.all(`${userId}:${code}`)],
    );
    if (used.length === 0) return null;
    const [row] = await manager.query<{ left: number }[]>(
      'SELECT count(*)::int AS left FROM backup_codes WHERE user_id = $1 AND used_at IS NULL',
      [userId],
    );
    return row?.left ?? 0;
  }
}

/** A byte has eight times the 32 values, so that none is likelier. */
function newCode(): string {
  return Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';

/** What every address may do `limit` times in a window that begins with the first time. */
export interface RateLimit {
  readonly purpose:
    | 'login'
    | 'mail'
    | 'login-device'
    | 'login-network'
    | 'password-check'
    | 'mail-reset'
    | 'mail-lock'
    | 'mail-code'
    | 'passkey-challenge'
    | 'totp-enrollment';
  readonly limit: number;
  readonly windowSeconds: number;
}

/** One use that was taken and is to be decided with {@link settle}. */
export interface Reservation {
  readonly kind: 'reserved';
  readonly purpose: RateLimit['purpose'];
  readonly keyHash: Buffer;
  /** The window it belongs to. Text, because a Date has no microseconds. */
  readonly since: string;
}

/** `spent`: used up until the window ends. `busy`: what is left is reserved by others, who may give it back. */
export type Grant = Reservation | { readonly kind: 'spent' } | { readonly kind: 'busy' };

/** `spent`: it counts. `unused`: it was not needed after all. `cleared`: it went well, and so all before is forgotten. */
export type Verdict = 'spent' | 'unused' | 'cleared';

/** No quota has a longer window: what is older means nothing. */
export const LONGEST_WINDOW_SECONDS = 3_600;

// A window in which nothing counts any more has no end to wait for: the next use begins a new one.
const IS_OVER = '(q.since <= now() - make_interval(secs => $4) OR q.spent + q.reserved = 0)';

/**
 * Takes one use before it is known whether it will count, so that of many at once never more than the limit go on.
 * What a killed process reserved comes back when the window ends.
 */
export async function reserve(
  manager: EntityManager,
  { purpose, limit, windowSeconds, key }: RateLimit & { readonly key: string },
): Promise<Grant> {
  const keyHash = createHash('sha256').update(key).digest();
  const [row] = await manager.query<{ since: string }[]>(
    `INSERT INTO rate_limits AS q (purpose, key_hash, since, spent, reserved) VALUES ($1, $2, now(), 0, 1)
     ON CONFLICT (purpose, key_hash) DO UPDATE SET
       since = CASE WHEN ${IS_OVER} THEN now() ELSE q.since END,
       spent = CASE WHEN ${IS_OVER} THEN 0 ELSE q.spent END,
       reserved = CASE WHEN ${IS_OVER} THEN 1 ELSE q.reserved + 1 END
     WHERE q.spent + q.reserved < $3 OR ${IS_OVER}
     RETURNING since::text`,
    [purpose, keyHash, limit, windowSeconds],
  );
  if (row !== undefined) return { kind: 'reserved', purpose, keyHash, since: row.since };
  const [left] = await manager.query<{ spent: number }[]>(
    'SELECT spent FROM rate_limits WHERE purpose = $1 AND key_hash = $2',
    [purpose, keyHash],
  );
  return { kind: left !== undefined && left.spent >= limit ? 'spent' : 'busy' };
}

/** Decides a reservation. Returns how many count now; null when its window is over and there is nothing to decide. */
export async function settle(
  manager: EntityManager,
  { purpose, keyHash, since, verdict }: Reservation & { readonly verdict: Verdict },
): Promise<number | null> {
  const [rows] = await manager.query<[{ spent: number }[], number]>(
    `UPDATE rate_limits SET
       reserved = greatest(reserved - 1, 0),
       spent = CASE $4 WHEN 'spent' THEN spent + 1 WHEN 'cleared' THEN 0 ELSE spent END
     WHERE purpose = $1 AND key_hash = $2 AND since = $3::timestamptz
     RETURNING spent`,
    [purpose, keyHash, since, verdict],
  );
  return rows[0]?.spent ?? null;
}

/** When the present window of a key ends; null when there is none. */
export async function windowEnd(
  manager: EntityManager,
  { purpose, windowSeconds, key }: Omit<RateLimit, 'limit'> & { readonly key: string },
): Promise<Date | null> {
  const [row] = await manager.query<{ until: Date }[]>(
    'SELECT since + make_interval(secs => $3) AS until FROM rate_limits WHERE purpose = $1 AND key_hash = $2',
    [purpose, createHash('sha256').update(key).digest(), windowSeconds],
  );
  return row?.until ?? null;
}

/** Begins a new window, in which nothing has counted yet. */
export async function forget(
  manager: EntityManager,
  { purpose, key }: Pick<RateLimit, 'purpose'> & { readonly key: string },
): Promise<void> {
  await manager.query('DELETE FROM rate_limits WHERE purpose = $1 AND key_hash = $2', [
    purpose,
    createHash('sha256').update(key).digest(),
  ]);
}

/** Uses one up, in the caller's transaction. Returns false when none is left. */
export async function spend(
  manager: EntityManager,
  { key, ...limit }: RateLimit & { readonly key: string },
): Promise<boolean> {
  const grant = await reserve(manager, { ...limit, key });
  if (grant.kind !== 'reserved') return false;
  await settle(manager, { ...grant, verdict: 'spent' });
  return true;
}

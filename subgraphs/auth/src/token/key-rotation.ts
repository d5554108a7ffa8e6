import { lockKey } from '@orion/platform/database';
import { LONGEST_ACCESS_TOKEN_SECONDS } from '@orion/platform/identity';
import type { Sealer } from '@orion/platform/sealing';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { EntityManager } from 'typeorm';
import { SigningKey, SigningKeyState } from './signing-key.entity.js';

export const ALGORITHM = 'ES256';
/** Purpose under which the private halves are sealed. */
export const KEY_SEAL = 'signing-key';
/** Replicas change the keys one after the other. */
const KEYS_LOCK = lockKey('signing-keys');
/** What replicas listen on for a change. */
export const KEYS_CHANNEL = 'orion_signing_keys';
/** The clocks of those who verify may be behind. */
const CLOCK_SECONDS = 60;

/** Makes the keys that are missing: one that signs, and one that is known before it does. Returns whether it made any. */
export async function ensureKeys(manager: EntityManager, sealer: Sealer): Promise<boolean> {
  await manager.query('SELECT pg_advisory_xact_lock($1)', [KEYS_LOCK]);
  const states = new Set((await manager.find(SigningKey, { select: { state: true } })).map(({ state }) => state));
  const missing = [SigningKeyState.CURRENT, SigningKeyState.NEXT].filter((state) => !states.has(state));
  for (const state of missing) await insertKey(manager, { sealer, state });
  if (missing.length > 0) await announce(manager);
  return missing.length > 0;
}

/**
 * The key that was published in advance signs from now on, the one before is retired and a new one is published. With
 * `revokeOld`, for a key that is known to others, what was signed before is worthless at once: all older keys go, and
 * the one published in advance with them, as whoever read one could read the other. Returns the new `kid`.
 */
export async function rotateKeys(
  manager: EntityManager,
  { sealer, revokeOld }: { readonly sealer: Sealer; readonly revokeOld: boolean },
): Promise<string> {
  await ensureKeys(manager, sealer);
  if (revokeOld) {
    await manager.createQueryBuilder().delete().from(SigningKey).execute();
    await ensureKeys(manager, sealer);
  } else {
    await manager.query(
      `UPDATE signing_keys SET state = 'RETIRED', retired_at = now(), expires_at = now() + make_interval(secs => $1)
        WHERE state = 'CURRENT'`,
      [LONGEST_ACCESS_TOKEN_SECONDS + CLOCK_SECONDS],
    );
    await manager.query("UPDATE signing_keys SET state = 'CURRENT', current_since = now() WHERE state = 'NEXT'");
    await insertKey(manager, { sealer, state: SigningKeyState.NEXT });
  }
  await announce(manager);
  const { id } = await manager.findOneByOrFail(SigningKey, { state: SigningKeyState.CURRENT });
  return id;
}

/** Rotates when the key has signed for so long; deletes what nobody needs any more. For a schedule. */
export async function rotateWhenDue(
  manager: EntityManager,
  { sealer, days }: { readonly sealer: Sealer; readonly days: number },
): Promise<boolean> {
  await ensureKeys(manager, sealer);
  const [, deleted] = await manager.query<[unknown, number]>(
    "DELETE FROM signing_keys WHERE state = 'RETIRED' AND expires_at < now()",
  );
  if (deleted > 0) await announce(manager);
  const [due] = await manager.query<{ id: string }[]>(
    `SELECT id FROM signing_keys WHERE state = 'CURRENT' AND current_since <= now() - make_interval(days => $1)`,
    [days],
  );
  if (due === undefined) return false;
  await rotateKeys(manager, { sealer, revokeOld: false });
  return true;
}

async function insertKey(
  manager: EntityManager,
  { sealer, state }: { readonly sealer: Sealer; readonly state: SigningKeyState },
): Promise<void> {
  const pair = await generateKeyPair(ALGORITHM, { extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const now = new Date();
  await manager.insert(SigningKey, {
    id: await calculateJwkThumbprint(publicJwk),
    // jsonb: an index signature would have every key optional.
    publicJwk: publicJwk as object,
    privateSealed: sealer.seal(JSON.stringify(await exportJWK(pair.privateKey)), KEY_SEAL),
    state,
    createdAt: now,
    currentSince: state === SigningKeyState.CURRENT ? now : null,
  });
}

/** Heard at the commit. */
async function announce(manager: EntityManager): Promise<void> {
  await manager.query(`SELECT pg_notify('${KEYS_CHANNEL}', '')`);
}

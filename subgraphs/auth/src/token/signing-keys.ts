import { lockKey } from '@orion/platform/database';
import type { Sealer } from '@orion/platform/sealing';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { DataSource, EntityManager } from 'typeorm';
import { SigningKey } from './signing-key.entity.js';

const ALGORITHM = 'ES256';
const SEAL = 'signing-key';
/** Replicas that start together must agree on the first key. */
const KEY_LOCK = lockKey('first-signing-key');

/** The key that signs now, and the public set that verifies (RFC 7517). */
export interface SigningKeys {
  readonly keyId: string;
  readonly privateKey: CryptoKey | Uint8Array;
  readonly publicSet: { readonly keys: readonly JWK[] };
}

/** Loads the signing keys, making the first one when there is none. The newest signs, all verify. */
export async function loadSigningKeys(
  database: DataSource,
  { sealer }: { readonly sealer: Sealer },
): Promise<SigningKeys> {
  const keys = await database.transaction(async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [KEY_LOCK]);
    const existing = await manager.find(SigningKey, { order: { createdAt: 'DESC' } });
    return existing.length > 0 ? existing : [await createKey(manager, sealer)];
  });
  const [newest] = keys;
  if (newest === undefined) throw new Error('no signing key');
  const privateJwk = JSON.parse(sealer.open(newest.privateSealed, SEAL)) as JWK;
  return {
    keyId: newest.id,
    privateKey: await importJWK(privateJwk, ALGORITHM),
    publicSet: { keys: keys.map((key) => ({ ...key.publicJwk, kid: key.id, alg: ALGORITHM, use: 'sig' })) },
  };
}

async function createKey(manager: EntityManager, sealer: Sealer): Promise<SigningKey> {
  const pair = await generateKeyPair(ALGORITHM, { extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const key = manager.create(SigningKey, {
    id: await calculateJwkThumbprint(publicJwk),
    publicJwk,
    privateSealed: sealer.seal(JSON.stringify(await exportJWK(pair.privateKey)), SEAL),
    createdAt: new Date(),
  });
  await manager.insert(SigningKey, { ...key });
  return key;
}

import { keepConnected } from '@orion/platform/database';
import { createConditionLog } from '@orion/platform/log';
import type { Logger } from '@orion/platform/log';
import type { Sealer } from '@orion/platform/sealing';
import { importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { DataSource } from 'typeorm';
import { ALGORITHM, ensureKeys, KEY_SEAL, KEYS_CHANNEL } from './key-rotation.js';
import { SigningKey, SigningKeyState } from './signing-key.entity.js';

/** What was announced could be lost with the connection: looked at every so often in any case. */
const LOOK_EVERY_MS = 30_000;

/** The key that signs now. */
export interface CurrentKey {
  readonly keyId: string;
  readonly privateKey: CryptoKey | Uint8Array;
}

/** The keys as the database has them, in this process. */
export interface SigningKeys {
  current(): CurrentKey;
  /** What verifies (RFC 7517): the key that signs, the one that will be next, and those whose tokens still live. */
  publicSet(): { readonly keys: readonly JWK[] };
  reload(): Promise<void>;
  /** Follows what other processes change. */
  follow(): void;
  stop(): Promise<void>;
}

/** Loads the signing keys, making those that are missing. */
export async function loadSigningKeys(
  database: DataSource,
  { sealer, databaseUrl, logger }: { readonly sealer: Sealer; readonly databaseUrl: string; readonly logger: Logger },
): Promise<SigningKeys> {
  await database.transaction((manager) => ensureKeys(manager, sealer));
  let loaded = await load(database, sealer);
  let timer: NodeJS.Timeout | undefined;
  let connection: ReturnType<typeof keepConnected> | undefined;
  // One after the other: an older answer never replaces a newer one.
  let reloading: Promise<void> = Promise.resolve();
  const reload = (): Promise<void> => {
    reloading = reloading
      .catch(() => undefined)
      .then(async () => {
        loaded = await load(database, sealer);
      });
    return reloading;
  };
  const condition = createConditionLog(logger, 'signing keys');
  const look = () => void reload().then(condition.works, condition.fails);
  return {
    current: () => loaded.current,
    publicSet: () => ({ keys: loaded.published.filter(isPublished).map(({ jwk }) => jwk) }),
    reload,
    follow() {
      timer = setInterval(look, LOOK_EVERY_MS);
      connection = keepConnected({
        url: databaseUrl,
        name: 'orion-auth-signing-keys',
        channel: KEYS_CHANNEL,
        logger,
        onNotify: look,
        onChange: look,
      });
    },
    async stop() {
      clearInterval(timer);
      await connection?.stop();
      await reloading.catch(() => undefined);
    },
  };
}

interface LoadedKeys {
  readonly current: CurrentKey;
  readonly published: readonly PublishedKey[];
}

interface PublishedKey {
  readonly jwk: JWK;
  readonly until: number;
}

function isPublished({ until }: PublishedKey): boolean {
  return until > Date.now();
}

async function load(database: DataSource, sealer: Sealer): Promise<LoadedKeys> {
  const keys = await database.manager.find(SigningKey, { order: { createdAt: 'DESC' } });
  const current = keys.find(({ state }) => state === SigningKeyState.CURRENT);
  if (current === undefined) throw new Error('no key signs');
  const privateJwk = JSON.parse(sealer.open(current.privateSealed, KEY_SEAL)) as JWK;
  return {
    current: { keyId: current.id, privateKey: await importJWK(privateJwk, ALGORITHM) },
    published: keys.map((key) => ({
      jwk: { ...key.publicJwk, kid: key.id, alg: ALGORITHM, use: 'sig' },
      until: key.expiresAt?.getTime() ?? Infinity,
    })),
  };
}

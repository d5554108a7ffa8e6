import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Problem, errorCode } from '../problem/index.js';
import type { PostgresBinaries } from './binaries.js';
import type { DataFolder } from './data-folder.js';
import { startGuarded } from './guard.js';

/** A folder that a postmaster can start on. */
export interface InitialisedCluster {
  readonly pgdata: string;
  /** Of the superuser `postgres`; kept inside the data, in a file only its owner can read. */
  readonly password: string;
}

export interface InitialiseOptions {
  readonly binaries: PostgresBinaries;
  /** False: nothing is flushed to disk and pages carry no checksums. */
  readonly durable: boolean;
  readonly signal?: AbortSignal | undefined;
}

const PASSWORD_FILE = 'orion-superuser.password';
/** initdb works here; the result is moved in one step, so that an interrupted start leaves no half of a cluster. */
const STAGING = 'new-';

/** Runs initdb unless the folder holds a cluster already. */
export async function initialise(
  { folder, account }: DataFolder,
  options: InitialiseOptions,
): Promise<InitialisedCluster> {
  const pgdata = path.join(folder, 'data');
  const version = await readFile(path.join(pgdata, 'PG_VERSION'), 'utf8').catch(unlessMissing);
  if (version !== undefined) {
    refuseOtherVersion(version.trim(), { pgdata, binaries: options.binaries });
    return { pgdata, password: (await readFile(path.join(pgdata, PASSWORD_FILE), 'utf8')).trim() };
  }
  for (const leftover of await readdir(folder)) {
    if (leftover.startsWith(STAGING)) await rm(path.join(folder, leftover), { recursive: true, force: true });
  }
  const staging = path.join(folder, `${STAGING}${randomBytes(4).toString('hex')}`);
  const password = randomBytes(24).toString('base64url');
  const passwordFile = path.join(staging, 'password');
  await mkdir(staging, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account !== null) {
    await chown(staging, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  try {
    await runInitdb(staging, { ...options, passwordFile, account });
    await rename(passwordFile, path.join(staging, 'data', PASSWORD_FILE));
    await rename(path.join(staging, 'data'), pgdata);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return { pgdata, password };
}

async function runInitdb(
  staging: string,
  {
    binaries,
    durable,
    signal,
    passwordFile,
    account,
  }: InitialiseOptions & { readonly passwordFile: string; readonly account: DataFolder['account'] },
): Promise<void> {
  signal?.throwIfAborted();
  const initdb = await startGuarded(binaries.initdb, {
    args: [
      ...[
        '--pgdata',
        path.join(staging, 'data'),
        '--username=postgres',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
      ],
      // The built-in provider sorts and folds alike on every system; collations of ICU stay at hand by name.
      ...[
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--text-search-config=english',
      ],
      ...(durable ? [] : ['--no-sync', '--no-data-checksums']),
      '--no-instructions',
    ],
    account,
    cwd: staging,
  });
  const stop = (): void => initdb.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  const { status, output } = await initdb.ended;
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  if (status === 0) return;
  throw new Problem(`The database cluster could not be made (initdb ended with ${status}).`, {
    advice: [
      ...output.split('\n'),
      ...(output.includes('could not look up effective user ID')
        ? [
            'Postgres wants its account to have an entry in /etc/passwd: add one, or set DATABASE_URL to a Postgres server.',
          ]
        : []),
    ],
  });
}

function refuseOtherVersion(
  found: string,
  { pgdata, binaries }: { readonly pgdata: string; readonly binaries: PostgresBinaries },
): void {
  if (found === binaries.major) return;
  throw new Problem(`The data in ${pgdata} is of Postgres ${found}, the embedded Postgres is ${binaries.major}.`, {
    advice: ['Dump it with the old version and restore it here, or, when it is not needed, remove the folder.'],
  });
}

function unlessMissing(error: unknown): undefined {
  if (errorCode(error) === 'ENOENT') return undefined;
  throw error;
}

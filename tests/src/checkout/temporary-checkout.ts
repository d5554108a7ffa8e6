import { execFile } from 'node:child_process';
import { copyFile, link, lstat, mkdir, mkdtemp, readdir, readlink, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);
const LARGEST_OUTPUT_BYTES = 64 * 1024 * 1024;

/** How a command ended. */
export interface CommandResult {
  readonly code: number;
  /** Standard output and standard error, one after the other. */
  readonly output: string;
}

/** A copy of the checkout that a test may change. */
export interface TemporaryCheckout {
  readonly root: string;
  /** Runs a command there; a failing one resolves like any other. */
  run(command: string, ...parameters: readonly string[]): Promise<CommandResult>;
  remove(): Promise<void>;
}

/**
 * Copies what is or would be committed, with what was built and installed, to a temporary folder, and commits it
 * there. Installed packages are hard links: they take no room, and nobody writes to them.
 */
export async function createTemporaryCheckout(): Promise<TemporaryCheckout> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'orion-checkout-'));
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    maxBuffer: LARGEST_OUTPUT_BYTES,
  });
  for (const file of stdout.split('\0').filter((name) => name !== '')) await copyIfThere(file, { root });
  for (const folder of await builtFolders())
    await mirror(path.join(ROOT, folder), { to: path.join(root, folder), place: copyFile });
  // npm's own note of what is installed would be written to in place, through the link.
  const installed = path.join(root, 'node_modules');
  await mirror(path.join(ROOT, 'node_modules'), { to: installed, place: linkOrCopy });
  await rm(path.join(installed, '.package-lock.json'), { force: true });

  const environment = {
    ...process.env,
    NODE_OPTIONS: '',
    GIT_AUTHOR_NAME: 'test',
    GIT_AUTHOR_EMAIL: 'test@orion.test',
    GIT_COMMITTER_NAME: 'test',
    GIT_COMMITTER_EMAIL: 'test@orion.test',
  };
  const checkout: TemporaryCheckout = {
    root,
    run: (command, ...parameters) =>
      new Promise((resolve) => {
        execFile(
          command,
          parameters,
          { cwd: root, env: environment, maxBuffer: LARGEST_OUTPUT_BYTES },
          (error, out, err) => {
            resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, output: out + err });
          },
        );
      }),
    remove: () => rm(root, { recursive: true, force: true }),
  };
  for (const parameters of [
    ['init', '--quiet', '--initial-branch=main'],
    ['add', '--all'],
    ['commit', '--quiet', '--message=base'],
  ]) {
    const { code, output } = await checkout.run('git', ...parameters);
    if (code !== 0) throw new Error(`git ${parameters.join(' ')}: ${output}`);
  }
  return checkout;
}

async function copyIfThere(file: string, { root }: { readonly root: string }): Promise<void> {
  const to = path.join(root, file);
  await mkdir(path.dirname(to), { recursive: true });
  await copyFile(path.join(ROOT, file), to).catch((error: unknown) => {
    // Deleted, and the deletion is not committed yet.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
}

/** The dist/ of every workspace: a build in the copy only does what changed. */
async function builtFolders(): Promise<readonly string[]> {
  const subgraphs = (await readdir(path.join(ROOT, 'subgraphs'))).map((name) => `subgraphs/${name}`);
  const folders = ['platform', 'gateway', 'tools', 'tests', 'bench', ...subgraphs].map(
    (workspace) => `${workspace}/dist`,
  );
  const there = await Promise.all(
    folders.map((folder) =>
      lstat(path.join(ROOT, folder)).then(
        (stats) => stats.isDirectory(),
        () => false,
      ),
    ),
  );
  return folders.filter((_, index) => there[index] === true);
}

async function mirror(
  from: string,
  { to, place }: { readonly to: string; readonly place: (from: string, to: string) => Promise<void> },
): Promise<void> {
  await mkdir(to, { recursive: true });
  const entries = await readdir(from, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
      if (entry.isDirectory()) await mirror(source, { to: target, place });
      else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
      else if (entry.isFile()) await place(source, target);
    }),
  );
}

/** The temporary folder may be on another file system. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    return copyFile(from, to);
  });
}

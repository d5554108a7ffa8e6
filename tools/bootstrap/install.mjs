import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runQuietly } from './child.mjs';
import { Problem } from './problem.mjs';

/** Written after a whole installation only; holds what was installed, and for which platform. */
const STAMP = path.join('node_modules', '.orion-install');

/** Runs `npm ci` unless node_modules is whole and of this package-lock.json. */
export async function install(root, { progress, signal }) {
  const lockfile = await readFile(path.join(root, 'package-lock.json'), 'utf8');
  const wanted = `${createHash('sha256').update(lockfile).digest('hex')} ${process.platform}-${process.arch}\n`;
  const stamp = path.join(root, STAMP);
  if ((await readIfThere(stamp)) === wanted) return;
  if (!(await installedByHand(root, { lockfile }))) {
    await progress.during('installing dependencies (npm ci)', async () => {
      const { status, output } = await npmCi(root, { signal });
      if (status !== 0) throw explain(output);
    });
  }
  await writeFile(stamp, wanted);
}

/**
 * Whether somebody ran `npm ci` or `npm install` themselves: npm's own record of the tree, which it writes last, agrees
 * with the lock file, and every folder of it is there.
 */
async function installedByHand(root, { lockfile }) {
  const record = await readIfThere(path.join(root, 'node_modules', '.package-lock.json'));
  if (record === undefined) return false;
  const installed = JSON.parse(record).packages;
  return Object.entries(JSON.parse(lockfile).packages).every(([folder, entry]) => {
    if (!folder.includes('node_modules/')) return true;
    const present = installed[folder];
    if (present === undefined) return entry.optional === true && !isForThisPlatform(entry);
    return (
      present.version === entry.version && present.integrity === entry.integrity && existsSync(path.join(root, folder))
    );
  });
}

function isForThisPlatform({ os, cpu, libc }) {
  // An optional package that names no platform hangs on one that does, and is rightly left out with it. Which libc a
  // package is for does not matter here: a missing one of the other kind is right, one of ours gets noticed.
  if (os === undefined && cpu === undefined) return false;
  return libc === undefined && includes(os, process.platform) && includes(cpu, process.arch);
}

function includes(list, name) {
  return list === undefined || list.includes(name);
}

async function npmCi(root, { signal }) {
  // The npm that runs us, if it is npm; else the one in PATH. Windows starts a .cmd file only through a shell.
  const cli = process.env.npm_execpath ?? '';
  const [command, prefix] =
    path.basename(cli) === 'npm-cli.js'
      ? [process.execPath, [cli]]
      : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
  try {
    // Compiler and test runner are needed whatever NODE_ENV says.
    return await runQuietly(command, [...prefix, 'ci', '--include=dev', '--no-audit', '--no-fund', '--no-progress'], {
      cwd: root,
      signal,
    });
  } catch (error) {
    if (error.code === 'ENOENT')
      throw new Problem('npm was not found.', [
        'Install npm (it comes with Node), or run your package manager of choice before.',
      ]);
    throw error;
  }
}

/** What npm says at length, and often last, in a line. */
const REASONS = [
  [
    /E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH)|network/,
    'npm does not reach the package registry',
    'Check the connection (and npm config get registry, npm config get proxy), then run the command again.',
  ],
  [
    /EUSAGE|can only install packages when/,
    'package.json and package-lock.json do not agree',
    'Run npm install, and commit the package-lock.json that it writes.',
  ],
  [/ENOSPC/, 'the disk is full', 'Make room, then run the command again.'],
  [
    /EACCES|EPERM|EROFS/,
    'npm may not write here',
    'Check who owns the folder and node_modules (an earlier run as root?).',
  ],
  [/EINTEGRITY/, 'a downloaded package is damaged', 'Run npm cache clean --force, then the command again.'],
];

function explain(output) {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/^npm (warn|notice)/.test(line));
  const known = REASONS.find(([pattern]) => pattern.test(lines.join('\n')));
  const [, reason, advice] = known ?? [null, 'npm ci failed', 'Run npm ci to see it happen.'];
  return new Problem(`the dependencies could not be installed: ${reason}.`, [...lines.slice(0, 12), advice]);
}

async function readIfThere(file) {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

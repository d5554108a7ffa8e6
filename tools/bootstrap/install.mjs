import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runQuietly } from './child.mjs';
import { Problem } from './problem.mjs';
import { workspacesByKind } from './workspaces.mjs';

/** Written after an installation that went well; holds what was installed, and for which platform. */
const STAMP = path.join('node_modules', '.orion-install');
const FLAGS = ['--include=dev', '--no-audit', '--no-fund', '--no-progress'];

/**
 * Runs `npm ci` unless node_modules is of this package-lock.json. `start` leaves out what pages are bundled from and what
 * only developers run: it takes longer than all the rest, and `installRest` adds it while the services run already.
 */
export async function install(root, { purpose, progress, signal }) {
  const { stamp, whole, partial, services, later } = await wantedStamps(root);
  const found = await readIfThere(stamp);
  if (found === whole || (found === partial && purpose === 'start')) return;
  let written = whole;
  if (found === partial) {
    await progress.during('installing the other dependencies (npm install)', () => addRest(root, { later, signal }));
  } else if (!(await installedByHand(root))) {
    const isPartial = purpose === 'start' && later.length > 0;
    if (isPartial) written = partial;
    const chosen = isPartial ? ['--include-workspace-root', ...services.map((folder) => `--workspace=${folder}`)] : [];
    await progress.during('installing dependencies (npm ci)', () => npm(root, ['ci', ...FLAGS, ...chosen], { signal }));
  }
  await writeFile(stamp, written);
}

/** Adds what `install` left out, if it did, while the services run: nothing that is installed already is touched. */
export async function installRest(root, { signal }) {
  const { stamp, whole, partial, later } = await wantedStamps(root);
  if ((await readIfThere(stamp)) !== partial || whole === partial) return;
  await addRest(root, { later, signal, inBackground: true });
  await writeFile(stamp, whole);
}

function addRest(root, { later, ...how }) {
  const chosen = later.map((folder) => `--workspace=${folder}`);
  // `npm ci` would remove everything else first; with the lock file as it is, both install the same.
  return npm(root, ['install', '--no-save', ...FLAGS, ...chosen], how);
}

async function wantedStamps(root) {
  const lockfile = await readFile(path.join(root, 'package-lock.json'), 'utf8');
  const { services, later } = await workspacesByKind(root);
  const content = `${createHash('sha256').update(lockfile).digest('hex')} ${process.platform}-${process.arch}`;
  const without = later.length === 0 ? '' : ` without ${later.join(' ')}`;
  return {
    stamp: path.join(root, STAMP),
    whole: `${content}\n`,
    partial: `${content}${without}\n`,
    services,
    later,
  };
}

/**
 * Whether somebody ran `npm ci` or `npm install` themselves: npm's own record of the tree, which it writes last, agrees
 * with the lock file, and every folder of it is there.
 */
async function installedByHand(root) {
  const lockfile = await readFile(path.join(root, 'package-lock.json'), 'utf8');
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

async function npm(root, args, how) {
  // The npm that runs us, if it is npm; else the one in PATH. Windows starts a .cmd file only through a shell.
  const cli = process.env.npm_execpath ?? '';
  const [command, prefix] =
    path.basename(cli) === 'npm-cli.js'
      ? [process.execPath, [cli]]
      : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
  try {
    // --include=dev: compiler and test runner are needed whatever NODE_ENV says.
    const { status, output } = await runQuietly(command, [...prefix, ...args], { cwd: root, ...how });
    if (status !== 0) throw explain(output);
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

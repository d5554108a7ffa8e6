import { existsSync } from 'node:fs';
import { chown, lstat, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Problem, errorCode } from '../problem/index.js';
import { isSameProcess, processIdentity } from '../process-info/index.js';
import type { ProcessIdentity } from '../process-info/index.js';
import { accountFor } from './account.js';
import type { Account } from './account.js';
import { placeData } from './placement.js';

/** The folder of a cluster, ours alone until released. */
export interface DataFolder {
  /** Where it really is: elsewhere than asked for when the account cannot get there. */
  readonly folder: string;
  readonly account: Account | null;
  release(): Promise<void>;
}

/** Names the process that uses the folder; its absence, or a dead process in it, means that the folder is free. */
const OWNER_FILE = 'owner.json';

/**
 * Makes the folder usable for the account that Postgres runs under and claims it for this process. Throws a Problem
 * that names the folder when it cannot be written, belongs to somebody else, or is in use.
 */
export async function claimDataFolder(wanted: string): Promise<DataFolder> {
  try {
    const folder = await placeData(path.resolve(wanted), { isInUse });
    const account = await accountFor(folder);
    await makeFolder(folder, { mode: 0o700 });
    if (account !== null) await chown(folder, account.uid, account.gid);
    await claim(folder);
    return {
      folder: await realpath(folder),
      account,
      release: () => rm(path.join(folder, OWNER_FILE), { force: true }),
    };
  } catch (error) {
    throw folderProblem(error, { folder: wanted });
  }
}

/**
 * Makes the folder and those above it. Not with `mkdir({ recursive })`, which never returns where a folder exists and
 * takes nothing (Node 20 in /proc).
 */
export async function makeFolder(folder: string, { mode }: { readonly mode: number }): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    const parent = path.dirname(folder);
    if (errorCode(error) === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    if (errorCode(error) !== 'ENOENT' || existsSync(parent)) throw error;
    // Whoever may use the folder has to get through.
    await makeFolder(parent, { mode: mode | 0o011 });
    await mkdir(folder, { mode });
  }
}

/** Turns an error of the file system into a Problem that names the folder; any other error stays as it is. */
export function folderProblem(error: unknown, { folder }: { readonly folder: string }): unknown {
  const code = errorCode(error);
  const reasons: Readonly<Record<string, string>> = {
    EACCES: 'permission denied',
    EPERM: 'it belongs to another user',
    EROFS: 'the file system is read-only',
    ENOENT: 'no folder can be made there',
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    ENOTDIR: 'a part of its path is a file',
    EEXIST: 'there is a file of that name',
  };
  const reason = code === undefined ? undefined : reasons[code];
  if (reason === undefined) return error;
  const at = (error as NodeJS.ErrnoException).path;
  return new Problem(
    `The data folder ${folder} cannot be used: ${reason} (${code}${at === undefined ? '' : ` at ${at}`}).`,
    {
      advice: [
        'Make it writable for the account that runs this (an earlier run as root may own it), or remove it.',
        'Or keep the data elsewhere: set ORION_DATA_DIR to a writable folder.',
      ],
      cause: error,
    },
  );
}

async function claim(folder: string): Promise<void> {
  const file = path.join(folder, OWNER_FILE);
  const self = await processIdentity(process.pid);
  for (;;) {
    try {
      await writeFile(file, JSON.stringify(self), { flag: 'wx', mode: 0o644 });
      return;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST' || !(await lstat(file)).isFile()) throw error;
    }
    const owner = await readOwner(folder);
    if (owner !== null && (await isSameProcess(owner))) {
      throw new Problem(`The data folder ${folder} is in use by another running ORION (pid ${owner.pid}).`, {
        advice: ['Stop that one first, or set ORION_DATA_DIR to another folder for this one.'],
      });
    }
    await rm(file, { force: true });
  }
}

async function isInUse(folder: string): Promise<boolean> {
  const owner = await readOwner(folder);
  return owner !== null && (await isSameProcess(owner));
}

async function readOwner(folder: string): Promise<ProcessIdentity | null> {
  const text = await readFile(path.join(folder, OWNER_FILE), 'utf8').catch(unlessMissing);
  try {
    const owner = JSON.parse(text ?? '') as { readonly pid?: unknown; readonly started?: unknown };
    if (typeof owner.pid !== 'number') return null;
    return { pid: owner.pid, started: typeof owner.started === 'string' ? owner.started : null };
  } catch {
    // Missing, or half written by a process that died: nobody's.
    return null;
  }
}

function unlessMissing(error: unknown): undefined {
  if (errorCode(error) === 'ENOENT') return undefined;
  throw error;
}

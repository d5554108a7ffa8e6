import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { errorCode } from '../problem/index.js';
import { commandOf, isAlive } from '../process-info/index.js';

/** Pid of the postmaster that wrote the folder's lock file, null when there is no such file or it holds none. */
export async function readPostmasterPid(pgdata: string): Promise<number | null> {
  const text = await readFile(lockFile(pgdata), 'utf8').catch(unlessMissing);
  const pid = Number.parseInt(text ?? '', 10);
  return Number.isInteger(pid) && pid > 1 ? pid : null;
}

/**
 * Makes the folder free for a new postmaster. One that was left running on it is stopped in order; a lock file whose
 * process is gone, or whose pid belongs to something else by now (a restart of the machine or container, a folder that
 * came from another machine), is removed: Postgres would refuse to start because of the latter.
 */
export async function reapPostmaster(pgdata: string): Promise<void> {
  const pid = await readPostmasterPid(pgdata);
  if (pid !== null && isAlive(pid) && (await isPostmasterOf(pgdata, { pid }))) {
    for (const [signal, patience] of [
      ['SIGINT', 5_000],
      ['SIGQUIT', 3_000],
      ['SIGKILL', 3_000],
    ] as const) {
      kill(pid, signal);
      if (await hasEnded(pid, { within: patience })) break;
    }
  }
  await rm(lockFile(pgdata), { force: true });
}

function lockFile(pgdata: string): string {
  return path.join(pgdata, 'postmaster.pid');
}

/** A postmaster's working folder is its data folder, and its command line names it. */
async function isPostmasterOf(pgdata: string, { pid }: { readonly pid: number }): Promise<boolean> {
  const command = await commandOf(pid);
  if (command === null || !command.includes('postgres')) return false;
  if (process.platform !== 'linux') return command.includes(pgdata);
  const folder = await readlink(`/proc/${pid}/cwd`).catch(unlessMissing);
  return folder === (await realpath(pgdata));
}

async function hasEnded(pid: number, { within }: { readonly within: number }): Promise<boolean> {
  const deadline = Date.now() + within;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await wait(20);
  }
  return true;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

function unlessMissing(error: unknown): undefined {
  if (['ENOENT', 'ESRCH', 'EACCES'].includes(errorCode(error) ?? '')) return undefined;
  throw error;
}

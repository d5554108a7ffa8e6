import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { errorCode } from '../problem/index.js';

/** A process and when it started: a pid alone is given out again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque, equal for the same process only; null where the system does not tell. */
  readonly started: string | null;
}

/**
 * Whether a process of that pid runs, whosever it is. One that has ended and that nobody has waited for (a zombie: a
 * container's first process may never do so) does not run.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^[ZX]/.test(readStat(pid));
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return errorCode(error) === 'EPERM';
  }
}

/** Identity of a process, null when there is none with that pid. */
export async function processIdentity(pid: number): Promise<ProcessIdentity | null> {
  if (!isAlive(pid)) return null;
  return { pid, started: process.platform === 'linux' ? startTicks(pid) : await ps(pid, 'lstart=') };
}

/** Whether that very process still runs, and not another one that was given its pid. */
export async function isSameProcess(identity: ProcessIdentity): Promise<boolean> {
  const current = await processIdentity(identity.pid);
  return current !== null && current.started === identity.started;
}

/** Command line, arguments separated by blanks; null when the process is gone or the system does not tell. */
export async function commandOf(pid: number): Promise<string | null> {
  if (process.platform !== 'linux') return ps(pid, 'command=');
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(unlessGone);
  const command = line?.replaceAll('\0', ' ').trim();
  return command === undefined || command === '' ? null : command;
}

/** Pid of the process that started it, null when it is gone or that one is. */
export async function parentOf(pid: number): Promise<number | null> {
  const parent = Number(process.platform === 'linux' ? readStat(pid).split(' ')[1] : await ps(pid, 'ppid='));
  return parent > 1 ? parent : null;
}

/** Field 22 of /proc/PID/stat (proc(5)): start in clock ticks since boot. */
function startTicks(pid: number): string | null {
  return readStat(pid).split(' ')[19] ?? null;
}

/** /proc/PID/stat from field 3 on (the second, the command, may hold blanks); empty when the process is gone. */
function readStat(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2);
  } catch (error) {
    unlessGone(error);
    return '';
  }
}

async function ps(pid: number, column: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', column, '-p', String(pid)]);
    return stdout.trim() || null;
  } catch {
    // No such process, or no `ps` here: in both cases there is nothing to tell.
    return null;
  }
}

/** A process may end, or belong to somebody else, between two looks at it. */
function unlessGone(error: unknown): undefined {
  if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errorCode(error) ?? '')) return undefined;
  throw error;
}

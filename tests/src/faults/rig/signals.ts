import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Sends a signal; false when the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Stops or continues a process and those that it has started: backends of Postgres are in process groups of their own. */
export async function signalTree(pid: number, name: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  // The parent first: it starts nobody between the look and the signal.
  signal(pid, name);
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  for (const line of stdout.trim().split('\n')) {
    const [child, parent] = line.trim().split(/\s+/).map(Number);
    if (parent === pid && child !== undefined) signal(child, name);
  }
}

import { readFile, readdir } from 'node:fs/promises';

/** In which Linux counts the CPU time of a process. */
export const TICKS_PER_SECOND = 100;

/** A process as /proc tells of it (Linux only). */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** Memory, pages that are shared counted by their share. */
  readonly kib: number;
  /** CPU time, user and system. */
  readonly ticks: number;
}

/** A process and all that descend from it. */
export async function processFamily(root: number): Promise<readonly Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = (await Promise.all(pids.map(readProcess))).filter((one) => one !== null);
  const members = new Set([root]);
  for (let grown = true; grown;) {
    grown = false;
    for (const { pid, parent } of all) {
      if (members.has(parent) && !members.has(pid)) grown = Boolean(members.add(pid));
    }
  }
  return all.filter(({ pid }) => members.has(pid));
}

async function readProcess(pid: number): Promise<Process | null> {
  try {
    const [stat, memory, command] = await Promise.all(
      ['stat', 'smaps_rollup', 'cmdline'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8')),
    );
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
    return {
      pid,
      parent: Number(fields[1]),
      ticks: Number(fields[11]) + Number(fields[12]),
      kib: Number(/^Pss:\s+(\d+)/m.exec(memory ?? '')?.[1] ?? 0),
      name:
        /(\w+)\/dist\/main\.js/.exec(command ?? '')?.[1] ??
        (command ?? '').split('\0')[0]?.split('/').at(-1) ??
        String(pid),
    };
  } catch (error) {
    // It ended between the listing and the reading, or is not ours to read; nothing of it is ours to count.
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

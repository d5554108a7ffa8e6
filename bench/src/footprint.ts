import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { Figure } from './measure.js';

const IDLE_SECONDS = 20;
const TICKS_PER_SECOND = 100;

/** Memory and idle CPU of this process's whole family: the services and Postgres (Linux only, from /proc). */
export async function measureFootprint(): Promise<readonly Figure[]> {
  const before = await family();
  await wait(IDLE_SECONDS * 1_000);
  const after = await family();
  // A process that came or went in between (an autovacuum worker) has no two readings to compare.
  const earlier = new Map(before.map(({ pid, ticks }) => [pid, ticks]));
  const ticks = after.reduce((sum, one) => sum + one.ticks - (earlier.get(one.pid) ?? one.ticks), 0);
  const others = after.filter(({ pid }) => pid !== process.pid);
  const pss = others.reduce((sum, { kib }) => sum + kib, 0) / 1_024;
  const busy = ticks / TICKS_PER_SECOND / IDLE_SECONDS;
  const named = others.filter(({ kib }) => kib > 30_000).map(({ name, kib }) => `${name} ${Math.round(kib / 1_024)}`);
  return [
    {
      name: 'memory of all processes (PSS: shared pages counted once)',
      value: `${Math.round(pss)} MiB (${named.join(', ')})`,
    },
    { name: `idle CPU of all processes over ${IDLE_SECONDS} s`, value: `${(busy * 100).toFixed(2)} % of a core` },
  ];
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly kib: number;
  readonly ticks: number;
}

async function family(): Promise<readonly Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = (await Promise.all(pids.map(readProcess))).filter((one) => one !== null);
  const members = new Set([process.pid]);
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

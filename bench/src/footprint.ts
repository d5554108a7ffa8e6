import { setTimeout as wait } from 'node:timers/promises';
import type { Figure } from './measure.js';
import { processFamily, TICKS_PER_SECOND } from './process-family.js';

const IDLE_SECONDS = 20;

/** Memory and idle CPU of this process's whole family: the services and Postgres (Linux only, from /proc). */
export async function measureFootprint(): Promise<readonly Figure[]> {
  const before = await processFamily(process.pid);
  await wait(IDLE_SECONDS * 1_000);
  const after = await processFamily(process.pid);
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

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Figure } from '../measure.js';
import { processFamily, TICKS_PER_SECOND } from '../process-family.js';

const SECONDS = 60;
/** What a start leaves to do. */
const SETTLE_MS = 5_000;

/** CPU that a service takes when nothing happens, and that Postgres takes for it. Linux only. */
export async function measureIdle(options: {
  readonly databaseUrl: string;
  readonly busUrl: string;
  /** Of the Postgres server. */
  readonly postgresPid: number;
}): Promise<readonly Figure[]> {
  const program = fileURLToPath(new URL('idle-process.js', import.meta.url));
  const service = fork(program, [options.databaseUrl, options.busUrl]);
  await once(service, 'message');
  await wait(SETTLE_MS);
  const ticksOf = async (pid: number) => {
    const family = await processFamily(pid);
    return new Map(family.map((one) => [one.pid, one.ticks]));
  };
  const share = (before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): string => {
    const ticks = [...after].reduce((sum, [pid, now]) => sum + now - (before.get(pid) ?? now), 0);
    return `${((ticks / TICKS_PER_SECOND / SECONDS) * 100).toFixed(2)} % of a core`;
  };
  const pids = [service.pid ?? 0, options.postgresPid] as const;
  const before = await Promise.all(pids.map(ticksOf));
  await wait(SECONDS * 1_000);
  const after = await Promise.all(pids.map(ticksOf));
  service.disconnect();
  await once(service, 'exit');
  const [own, postgres] = pids.map((_, index) => share(before[index] ?? new Map(), after[index] ?? new Map()));
  return [
    {
      name: `idle CPU over ${SECONDS} s of a process with a relay, three consumers and a job worker`,
      value: `${own}, and ${postgres} in Postgres`,
    },
  ];
}

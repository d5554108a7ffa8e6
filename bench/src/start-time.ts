import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { timed } from './measure.js';
import type { Figure } from './measure.js';

const run = promisify(execFile);
const WARM_RUNS = 5;

/** `npm start` in a fresh clone of this checkout's last commit, with nothing installed, and then again. */
export async function measureStart(root: string): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'orion-bench-'));
  try {
    await run('git', ['clone', '--quiet', root, folder]);
    const cold = await startOnce(folder);
    const warm: number[] = [];
    for (let index = 0; index < WARM_RUNS; index += 1) warm.push(await startOnce(folder));
    return [
      { name: 'cold start, install and build included', value: seconds(cold) },
      {
        name: `warm start, median of ${WARM_RUNS}`,
        value: `${seconds(warm.toSorted((a, b) => a - b)[2] ?? 0)} (${warm.map(seconds).join(', ')})`,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** Milliseconds from the command to the banner. */
async function startOnce(folder: string): Promise<number> {
  const child = spawn('npm', ['start', '--silent', '--', '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const exited = once(child, 'exit');
  const { ms } = await timed(
    () =>
      new Promise<void>((resolve, reject) => {
        let text = '';
        child.stdout.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (text.includes('"ready"') || text.includes('"url"')) resolve();
        });
        void exited.then(() => reject(new Error(`npm start ended before it was ready:\n${text}`)));
      }),
  );
  // The whole group, as Ctrl-C does.
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
  await exited;
  return ms;
}

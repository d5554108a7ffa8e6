import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Problem } from '../problem/index.js';
import { bundleFolder, fingerprint, FINGERPRINT_FILE } from './page-source.js';
import type { PageSource } from './page-source.js';

/** Yields to everything else that runs. */
const BACKGROUND_PRIORITY = 10;
const SHOWN_LINES = 12;

/**
 * Bundles the page with Vite, which must be installed, and replaces the former bundle once it is whole. Throws a Problem
 * with what Vite says when it fails, and the signal's reason when that aborts.
 */
export async function buildPage(source: PageSource, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
  signal?.throwIfAborted();
  const bundle = bundleFolder(source);
  const staging = `${bundle}.${process.pid}`;
  // Read before: what is edited meanwhile makes the next start build again.
  const made = await fingerprint(source);
  try {
    await runVite(source, { staging, signal });
    await writeFile(path.join(staging, FINGERPRINT_FILE), made);
    await rm(bundle, { recursive: true, force: true });
    await rename(staging, bundle);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function runVite(
  { root, folder }: PageSource,
  { staging, signal }: { readonly staging: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const child = spawn(process.execPath, [vite, 'build', '--outDir', staging, '--emptyOutDir', '--logLevel', 'warn'], {
    cwd: path.join(root, folder),
    env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C in a terminal reaches the launcher only.
    detached: process.platform !== 'win32',
  });
  if (child.pid !== undefined) os.setPriority(child.pid, BACKGROUND_PRIORITY);
  const end = (): boolean => child.kill('SIGKILL');
  signal?.addEventListener('abort', end, { once: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    signal?.throwIfAborted();
    if (status !== 0) {
      const lines = output.split('\n').filter((line) => line.trim() !== '');
      throw new Problem(`${folder} could not be bundled.`, { advice: lines.slice(0, SHOWN_LINES) });
    }
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

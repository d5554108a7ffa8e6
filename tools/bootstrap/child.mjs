import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';

/** npm does not stop for SIGTERM in the middle of an installation. */
const PATIENCE_MS = 500;
const VISIBLE_PATIENCE_MS = 1500;
const KEPT_OUTPUT = 100_000;
/** Yields to everything else. */
const BACKGROUND_PRIORITY = 10;

/**
 * Runs a program out of sight, in a process group of its own, and resolves with `{ status, output }`. When the signal
 * aborts the whole group is ended, SIGTERM first, and the promise rejects once it is gone. With `inBackground` it yields
 * to everything else that runs.
 */
export async function runQuietly(command, args, { cwd, env = process.env, signal, inBackground = false }) {
  signal.throwIfAborted();
  const group = process.platform !== 'win32';
  const child = spawn(command, args, { cwd, env, detached: group, stdio: ['ignore', 'pipe', 'pipe'] });
  if (inBackground && child.pid !== undefined) setPriority(child.pid, BACKGROUND_PRIORITY);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-KEPT_OUTPUT);
    });
  }
  let killTimer;
  const onAbort = () => {
    end(child, { group, name: 'SIGTERM' });
    killTimer = setTimeout(() => end(child, { group, name: 'SIGKILL' }), PATIENCE_MS);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const status = await ending(child);
    // The program is gone; a helper of its own may not be.
    if (signal.aborted) end(child, { group, name: 'SIGKILL' });
    signal.throwIfAborted();
    return { status, output };
  } finally {
    clearTimeout(killTimer);
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Runs a program in sight and resolves with its exit status. When the signal aborts, it and everything it started get
 * SIGINT, then SIGKILL. With `interactive` it shares our terminal's input, and its helpers end with it by themselves.
 */
export async function runVisibly(command, args, { cwd, signal, interactive }) {
  signal.throwIfAborted();
  const group = process.platform !== 'win32' && !interactive;
  const child = spawn(command, args, { cwd, stdio: 'inherit', detached: group });
  let killTimer;
  const onAbort = () => {
    end(child, { group, name: 'SIGINT' });
    killTimer = setTimeout(() => end(child, { group, name: 'SIGKILL' }), VISIBLE_PATIENCE_MS);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const status = await ending(child);
  clearTimeout(killTimer);
  if (signal.aborted) end(child, { group, name: 'SIGKILL' });
  return status;
}

function end(child, { group, name }) {
  try {
    process.kill(group ? -child.pid : child.pid, name);
  } catch (error) {
    // Nobody left to be told.
    if (error.code !== 'ESRCH') throw error;
  }
}

function ending(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(status ?? 128 + constants.signals[signal]));
  });
}

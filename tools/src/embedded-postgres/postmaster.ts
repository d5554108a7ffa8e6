import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { Problem, errorCode } from '../problem/index.js';
import type { Account } from './account.js';
import { startGuarded } from './guard.js';
import type { GuardedProgram } from './guard.js';
import { readPostmasterPid } from './postmaster-pid.js';

/** A postmaster that accepts connections. */
export interface Postmaster {
  readonly pid: number;
  /** Resolves with the last lines of its log when it is gone. */
  readonly ended: Promise<string>;
  stop(options: { readonly patience: number; readonly immediate: boolean }): Promise<void>;
}

export interface PostmasterOptions {
  readonly pgdata: string;
  readonly port: number;
  readonly account: Account | null;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly removeAfter: string | undefined;
  readonly onOutput: ((text: string) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Small, quiet and the same in every place; `settings` come after and win. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 200,
  shared_buffers: '64MB',
  // Two workers fewer, and no gain from them at this size.
  io_method: 'sync',
  jit: 'off',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_checkpoints: 'off',
} as const;

const READY = 'database system is ready to accept connections';
/** Recovery after a power cut reads the log since the last checkpoint. */
const START_PATIENCE_MS = 60_000;
/** Backends of a postmaster that was killed need a moment to notice. */
const MEMORY_PATIENCE_MS = 10_000;

/** Starts the server and resolves when it accepts connections; `port taken` when another process was faster. */
export async function startPostmaster(program: string, options: PostmasterOptions): Promise<Postmaster | 'port taken'> {
  const deadline = Date.now() + MEMORY_PATIENCE_MS;
  for (;;) {
    options.signal?.throwIfAborted();
    const attempt = await tryStart(program, options);
    if (typeof attempt !== 'string') return attempt;
    if (/could not bind|Address already in use/.test(attempt)) return 'port taken';
    if (!attempt.includes('pre-existing shared memory block') || Date.now() > deadline) {
      throw new Problem(`Postgres did not start on ${options.pgdata}.`, { advice: attempt.split('\n').slice(-10) });
    }
    await wait(100);
  }
}

/** The server, or the log of one that did not come up. */
async function tryStart(program: string, options: PostmasterOptions): Promise<Postmaster | string> {
  const { pgdata, port, account, removeAfter, signal } = options;
  const settings = Object.entries({ ...SETTINGS, ...options.settings, port });
  let log = '';
  let announceReady = (): void => undefined;
  const ready = new Promise<'ready'>((resolve) => {
    announceReady = () => resolve('ready');
  });
  const guarded = await startGuarded(program, {
    args: ['-D', pgdata, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    account,
    cwd: pgdata,
    ...(removeAfter === undefined ? {} : { removeAfter }),
    onOutput(text) {
      options.onOutput?.(text);
      log += text;
      if (log.includes(READY)) announceReady();
      // Looked through before it is cut: clients that besiege a starting server make it write a lot at a time.
      log = log.slice(-READY.length);
    },
  });
  const timeout = AbortSignal.timeout(START_PATIENCE_MS);
  const giveUp = AbortSignal.any(signal === undefined ? [timeout] : [timeout, signal]);
  const outcome = await Promise.race([ready, guarded.ended, once(giveUp, 'abort')]);
  if (outcome === 'ready') {
    const pid = await readPostmasterPid(pgdata);
    if (pid === null) throw new Error(`no postmaster.pid in ${pgdata}, though the server is up`);
    return {
      pid,
      ended: guarded.ended.then(({ output }) => output),
      stop: (how) => stopServer(guarded, { ...how, pid }),
    };
  }
  if ('output' in outcome) return outcome.output;
  guarded.interrupt();
  await endOrDestroy(guarded, { patience: 2_000 });
  signal?.throwIfAborted();
  return `It was not ready after ${START_PATIENCE_MS / 1000} s.\n${(await guarded.ended).output}`;
}

/** Immediate shutdown (SIGQUIT) writes no checkpoint: right for data nobody keeps, and safe, if slower to start, for other data. */
async function stopServer(
  guarded: GuardedProgram,
  { pid, patience, immediate }: { readonly pid: number; readonly patience: number; readonly immediate: boolean },
): Promise<void> {
  if (!guarded.isRunning()) return;
  if (immediate) quit(pid);
  guarded.interrupt();
  if (await endsWithin(guarded, { patience })) return;
  quit(pid);
  await endOrDestroy(guarded, { patience: 1_000 });
}

function quit(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT');
  } catch (error) {
    // It is gone already, which is what was wanted.
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

async function endOrDestroy(guarded: GuardedProgram, { patience }: { readonly patience: number }): Promise<void> {
  if (await endsWithin(guarded, { patience })) return;
  guarded.destroy();
  await guarded.ended;
}

async function endsWithin(guarded: GuardedProgram, { patience }: { readonly patience: number }): Promise<boolean> {
  const expired = new AbortController();
  const ended = await Promise.race([
    guarded.ended.then(() => true),
    wait(patience, false, { signal: expired.signal }).catch(() => false),
  ]);
  expired.abort();
  return ended;
}

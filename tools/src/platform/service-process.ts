import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Problem, errorCode } from '../problem/index.js';
import type { ServiceLog } from './service-log.js';

/** What to run and how to look after it. */
export interface ServiceSpec {
  readonly name: string;
  /** The compiled entry; it sends `{ type: 'ready', port }` over IPC when it serves. */
  readonly script: string;
  readonly cwd: string;
  /** Complete environment, PORT apart. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly port: number;
  readonly log: ServiceLog;
  /** Whether it is started again when it ends by itself after it was ready once. */
  readonly restart: boolean;
  /** Default 60,000: a first start migrates and seeds. */
  readonly readyWithinMs?: number;
  readonly onEvent?: (event: ServiceEvent) => void;
}

/** What happens to a service; `restarts` is how often it was started again before. */
export type ServiceEvent =
  | { readonly type: 'starting'; readonly name: string; readonly restarts: number }
  | { readonly type: 'ready'; readonly name: string; readonly restarts: number; readonly afterMs: number }
  | {
      readonly type: 'ended';
      readonly name: string;
      readonly restarts: number;
      readonly how: string;
      readonly restartInMs: number | null;
    };

/** A supervised process. */
export interface ServiceProcess {
  readonly name: string;
  readonly port: number;
  /** Of the current process, undefined between two. */
  readonly pid: number | undefined;
  readonly restarts: number;
  readonly logFile: string;
  /** Resolves when it serves, at once if it does. Rejects with a Problem when it will not. */
  whenReady(): Promise<void>;
  /** Ends the current process as a crash would; resolves when it is gone. Supervision then does its work. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it in order and starts it again, with changes to its environment if given; resolves when it serves. */
  restart(changes?: { readonly env?: Readonly<Record<string, string | undefined>> }): Promise<void>;
  /** Stops it in order, SIGKILL after `patience` ms (default 700), and for good. */
  stop(options?: { readonly patience?: number }): Promise<void>;
}

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;
/** A process that served this long starts again without the delay that its earlier failures earned. */
const STEADY_AFTER_MS = 30_000;
const FOLLOW_PARENT = fileURLToPath(new URL('follow-parent.js', import.meta.url));

/** Starts the process and keeps it running until `stop`. */
export function superviseService(spec: ServiceSpec): ServiceProcess {
  const changed = new EventEmitter().setMaxListeners(0);
  let env = spec.env;
  let child: ChildProcess | undefined;
  let state: 'starting' | 'ready' | 'down' | 'failed' | 'stopped' = 'starting';
  let failure: Problem | undefined;
  let restarts = 0;
  let backoff = FIRST_BACKOFF_MS;
  let everReady = false;
  let replacing = false;
  let backoffTimer: NodeJS.Timeout | undefined;

  /** What comes late, such as `ready` from a process that is being stopped, does not undo a stop. */
  function enter(next: typeof state): void {
    if (state === 'stopped') return;
    state = next;
    changed.emit('change');
  }

  function start(): void {
    if (state === 'stopped') return;
    const startedAt = performance.now();
    enter('starting');
    spec.onEvent?.({ type: 'starting', name: spec.name, restarts });
    const current = launch(spec, { env });
    child = current;
    const tooLate = setTimeout(() => signalGroup(current, 'SIGKILL'), spec.readyWithinMs ?? 60_000).unref();
    current.on('message', (message) => {
      if (!isReady(message) || child !== current) return;
      clearTimeout(tooLate);
      everReady = true;
      enter('ready');
      spec.onEvent?.({ type: 'ready', name: spec.name, restarts, afterMs: performance.now() - startedAt });
    });
    const onEnd = (how: string): void => {
      clearTimeout(tooLate);
      if (child !== current) return;
      child = undefined;
      void afterEnd(how, { servedMs: performance.now() - startedAt });
    };
    current.on('error', (error) => {
      if (current.pid === undefined) onEnd(error.message);
      // Its channel broke: whatever became of it, it cannot be led any more. `exit` follows.
      else signalGroup(current, 'SIGKILL');
    });
    current.once('exit', (status, signal) => onEnd(signal ?? `exit status ${status}`));
  }

  async function afterEnd(how: string, { servedMs }: { readonly servedMs: number }): Promise<void> {
    if (state === 'stopped' || replacing) return enter('down');
    if (!everReady || !spec.restart) {
      failure = await startProblem(spec, { how });
      spec.onEvent?.({ type: 'ended', name: spec.name, restarts, how, restartInMs: null });
      return enter('failed');
    }
    if (servedMs > STEADY_AFTER_MS) backoff = FIRST_BACKOFF_MS;
    const delay = backoff;
    backoff = Math.min(backoff * 2, LONGEST_BACKOFF_MS);
    restarts += 1;
    enter('down');
    spec.onEvent?.({ type: 'ended', name: spec.name, restarts, how, restartInMs: delay });
    backoffTimer = setTimeout(start, delay);
  }

  async function end(patience: number): Promise<void> {
    const current = child;
    if (current === undefined || hasEnded(current)) return;
    const exited = once(current, 'exit');
    current.kill('SIGTERM');
    const expired = new AbortController();
    const inTime = await Promise.race([
      exited.then(() => true),
      wait(patience, false, { signal: expired.signal }).catch(() => true),
    ]);
    expired.abort();
    if (!inTime) signalGroup(current, 'SIGKILL');
    await exited;
  }

  async function whenReady(): Promise<void> {
    for (;;) {
      if (state === 'ready') return;
      if (state === 'failed' && failure !== undefined) throw failure;
      if (state === 'stopped') throw new Problem(`${spec.name} was stopped.`);
      await once(changed, 'change');
    }
  }

  start();
  return {
    name: spec.name,
    port: spec.port,
    get pid() {
      return child?.pid;
    },
    get restarts() {
      return restarts;
    },
    logFile: spec.log.file,
    whenReady,
    async kill(signal = 'SIGKILL') {
      const current = child;
      if (current === undefined || hasEnded(current)) return;
      const exited = once(current, 'exit');
      if (state === 'ready') enter('starting');
      signalGroup(current, signal);
      await exited;
    },
    async restart(changes) {
      clearTimeout(backoffTimer);
      env = { ...env, ...changes?.env };
      replacing = true;
      await end(2_000);
      replacing = false;
      start();
      await whenReady();
    },
    async stop({ patience = 700 } = {}) {
      clearTimeout(backoffTimer);
      enter('stopped');
      await end(patience);
    },
  };
}

function launch(spec: ServiceSpec, { env }: { readonly env: ServiceSpec['env'] }): ChildProcess {
  return spawn(process.execPath, ['--import', FOLLOW_PARENT, spec.script], {
    cwd: spec.cwd,
    env: { ...env, PORT: String(spec.port) },
    // A group of its own: Ctrl-C in a terminal reaches the launcher only, which stops everything in order.
    detached: process.platform !== 'win32',
    stdio: ['ignore', spec.log.descriptor, spec.log.descriptor, 'ipc'],
  });
}

function isReady(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

/** To the process and whatever it started. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || hasEnded(child)) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal);
  } catch (error) {
    // It ended of itself in this moment.
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

async function startProblem(spec: ServiceSpec, { how }: { readonly how: string }): Promise<Problem> {
  if (!existsSync(spec.script)) {
    return new Problem(`${spec.name} cannot start: ${path.relative(spec.cwd, spec.script)} does not exist.`, {
      advice: ['Build it: npm run build'],
    });
  }
  return new Problem(`${spec.name} ended (${how}) before it was ready.`, {
    advice: [...(await spec.log.tail(15)), `The whole log: ${spec.log.file}`],
  });
}

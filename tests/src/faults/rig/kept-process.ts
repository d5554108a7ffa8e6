import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ProcessMessage, ProcessPlan, ProducerStats } from '../process/plan.js';
import { signal } from './signals.js';

const ENTRY = fileURLToPath(new URL('../process/main.js', import.meta.url));
const STOP_WITHIN_MS = 45_000;
/** As a supervisor waits before it starts a process again. */
const RESTART_AFTER_MS = 100;

/** A process that is started again whenever it dies, until it is stopped. */
export interface KeptProcess {
  readonly name: string;
  /** How often it died. */
  deaths(): number;
  /** Resolves when the present one says that it works. */
  ready(): Promise<void>;
  /** Resolves when a producer has written all that it was to write. */
  readonly finished: Promise<void>;
  /** Resolves with the number of events when a consumer has replayed what its plan says. */
  readonly replayed: Promise<number>;
  pid(): number;
  signal(name: NodeJS.Signals): void;
  /** Kills it and resolves when it is gone; another takes its place. */
  kill(): Promise<void>;
  /** Stops it in order and for good. Rejects when it does not stop in time, after SIGKILL. */
  stop(): Promise<ProducerStats | undefined>;
  /** Ends it for good, whatever its state. */
  destroy(): Promise<void>;
}

/** Starts a process; `planOf` says what each incarnation (from 0) does. Its output goes to `logFile`. */
export function keepRunning(
  name: string,
  { planOf, logFile }: { readonly planOf: (incarnation: number) => ProcessPlan; readonly logFile: string },
): KeptProcess {
  const output = openSync(logFile, 'a');
  let deaths = 0;
  let stopped = false;
  let child: ChildProcess;
  let ready: Promise<void>;
  let stats: ProducerStats | undefined;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));

  let finishReplay: (events: number) => void = () => undefined;
  const replayed = new Promise<number>((resolve) => (finishReplay = resolve));

  function start(): void {
    const current = fork(ENTRY, [JSON.stringify(planOf(deaths))], {
      stdio: ['ignore', output, output, 'ipc'],
      execArgv: ['--enable-source-maps'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    child = current;
    ready = new Promise((resolve) => {
      current.on('message', (message) => {
        const told = message as ProcessMessage;
        if (told.type === 'ready') resolve();
        if (told.type === 'finished') finish();
        if (told.type === 'replayed') finishReplay(told.events);
        if (told.type === 'produced') stats = told.stats;
      });
    });
    // Sending to one that has just died is no failure: its end is seen below.
    current.on('error', () => undefined);
    current.once('exit', () => {
      if (stopped || child !== current) return;
      deaths += 1;
      void wait(RESTART_AFTER_MS).then(() => {
        if (!stopped) start();
      });
    });
  }

  async function ended(current: ChildProcess): Promise<void> {
    if (current.exitCode === null && current.signalCode === null) await once(current, 'exit');
  }

  start();
  return {
    name,
    deaths: () => deaths,
    async ready() {
      for (;;) {
        const current = child;
        await Promise.race([ready, ended(current)]);
        if (current.exitCode === null && current.signalCode === null) return;
        await wait(RESTART_AFTER_MS);
      }
    },
    finished,
    replayed,
    pid: () => child.pid ?? 0,
    signal: (kind) => void signal(child.pid ?? 0, kind),
    async kill() {
      const current = child;
      current.kill('SIGKILL');
      await ended(current);
    },
    async stop() {
      stopped = true;
      const current = child;
      if (current.exitCode !== null || current.signalCode !== null) return stats;
      current.send('stop', () => undefined);
      const timer = setTimeout(() => current.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended(current);
      clearTimeout(timer);
      if (current.signalCode === 'SIGKILL') throw new Error(`${name} did not stop within ${STOP_WITHIN_MS} ms`);
      return stats;
    },
    async destroy() {
      stopped = true;
      child.kill('SIGKILL');
      await ended(child);
    },
  };
}

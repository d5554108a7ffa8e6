import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { backoffDelay } from '@orion/platform/pacing';
import type { Logger } from '@orion/platform/log';

/** Processes that share one port. */
export interface WorkerSet {
  /** Resolves with the shared port when all of them serve. Rejects with WorkerEndedError when one cannot. */
  start(): Promise<number>;
  /** Those that serve now. */
  serving(): readonly Worker[];
  /** How many had to be started again. */
  restarts(): number;
  /** Lets each finish what it runs; resolves when all are gone. */
  stop(): Promise<void>;
}

export interface WorkerSetOptions {
  readonly count: number;
  /** A worker that has not gone by then is killed. */
  readonly stopWithinMs: number;
  readonly logger: Logger;
}

/** A worker ended before it served; it has said on stderr why. */
export class WorkerEndedError extends Error {
  override readonly name = 'WorkerEndedError';
  /** Null when a signal ended it. */
  readonly exitCode: number | null;

  constructor(exitCode: number | null) {
    super(`a worker ended with ${exitCode ?? 'a signal'} before it served`);
    this.exitCode = exitCode;
  }
}

/** A worker that lived so long is started again without the wait that its earlier failures earned. */
const STEADY_MS = 60_000;
const BACKOFF = { baseMs: 500, capMs: 30_000 };

interface Running {
  readonly worker: Worker;
  readonly port: Promise<number>;
  readonly ended: Promise<void>;
}

/** Forks this very program `count` times and keeps so many alive. In the forked ones `cluster.isWorker` is true. */
export function createWorkerSet({ count, stopWithinMs, logger }: WorkerSetOptions): WorkerSet {
  const alive = new Set<Running>();
  const serving = new Set<Running>();
  const stopping = new AbortController();
  let restarts = 0;

  const fork = (): Running => {
    const worker = cluster.fork();
    worker.on('error', (error) => logger.warn({ err: error, worker: worker.id }, 'a worker cannot be reached'));
    const port = readyPort(worker);
    const ended = once(worker, 'exit').then(() => {
      alive.delete(running);
      serving.delete(running);
    });
    const running: Running = { worker, port, ended };
    alive.add(running);
    port.then(
      (shared) => {
        serving.add(running);
        logger.info({ worker: worker.id, pid: worker.process.pid, port: shared }, 'a worker serves');
      },
      // Whoever started it learns it from `ended` or from `port`.
      () => undefined,
    );
    return running;
  };

  const keepAlive = async (first: Running): Promise<void> => {
    let running = first;
    for (let failures = 0; ;) {
      const startedAt = performance.now();
      await running.ended;
      if (stopping.signal.aborted) return;
      failures = performance.now() - startedAt > STEADY_MS ? 1 : failures + 1;
      const inMs = Math.round(backoffDelay(failures, BACKOFF));
      const { exitCode, signalCode } = running.worker.process;
      logger.error({ worker: running.worker.id, exitCode, signalCode, inMs }, 'a worker ended; it is started again');
      await wait(inMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      restarts += 1;
      running = fork();
    }
  };

  const startOne = async (): Promise<number> => {
    const running = fork();
    const port = await running.port;
    void keepAlive(running);
    return port;
  };

  const signal = (name: NodeJS.Signals): void => alive.forEach(({ worker }) => worker.process.kill(name));
  // However this process ends, it leaves nobody behind that holds the port.
  const killAll = (): void => signal('SIGKILL');

  return {
    start: async () => {
      process.once('exit', killAll);
      // One first: what is wrong with the configuration is then said once.
      const port = await startOne();
      await Promise.all(Array.from({ length: count - 1 }, startOne));
      return port;
    },
    serving: () => [...serving].map(({ worker }) => worker),
    restarts: () => restarts,
    stop: async () => {
      stopping.abort();
      signal('SIGTERM');
      const tooLate = setTimeout(killAll, stopWithinMs);
      await Promise.all([...alive].map(({ ended }) => ended));
      clearTimeout(tooLate);
      process.off('exit', killAll);
    },
  };
}

/** A worker says `{ type: 'ready', port }` when it serves (platform/lifecycle). */
function readyPort(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: { readonly type?: unknown; readonly port?: number }) => {
      if (message.type === 'ready' && message.port !== undefined) resolve(message.port);
    });
    worker.once('exit', (code: number | null) => reject(new WorkerEndedError(code)));
  });
}

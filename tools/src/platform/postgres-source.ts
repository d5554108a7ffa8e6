import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startEmbeddedPostgres } from '../embedded-postgres/index.js';
import type { EmbeddedPostgres } from '../embedded-postgres/index.js';
import { errorText } from '../problem/index.js';
import type { ServiceEvent } from './service-process.js';

/** Where the databases are. */
export interface PostgresSource {
  readonly adminUrl: string;
  /** The embedded server's, null for a server that is not ours. */
  readonly embedded: { readonly port: number; readonly dataDir: string } | null;
  whenReady(): Promise<void>;
  /** Ends the embedded server as a crash would. */
  kill(signal: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}

export interface PostgresSourceOptions {
  /** URL of a server, else an embedded one is started. */
  readonly serverUrl: string | undefined;
  /** Data folder of the embedded server. */
  readonly dataDir: string;
  /** True: nothing is flushed to disk, and the folder is removed in the end. */
  readonly throwAway: boolean;
  readonly port: number;
  /** Exists. */
  readonly logDir: string;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: (event: ServiceEvent) => void;
}

/** Uses the server of the URL, or starts the embedded one and starts it again on the same port when it dies. */
export async function openPostgres(options: PostgresSourceOptions): Promise<PostgresSource> {
  if (options.serverUrl !== undefined) {
    return {
      adminUrl: options.serverUrl,
      embedded: null,
      whenReady: () => Promise.resolve(),
      kill: () => Promise.reject(new Error('Postgres is not one that was started here')),
      stop: () => Promise.resolve(),
    };
  }
  const log = createWriteStream(path.join(options.logDir, 'postgres.log'), { mode: 0o600 });
  // A full disk must not take the platform down because of a log.
  log.on('error', (error) => process.emitWarning(`postgres.log cannot be written: ${errorText(error)}`));
  const name = 'postgres';
  let stopping = false;
  let restarts = 0;
  let current: Promise<EmbeddedPostgres> | undefined;
  let port = options.port;

  async function start(): Promise<EmbeddedPostgres> {
    const started = await startEmbeddedPostgres({
      dataDir: options.dataDir,
      port,
      durable: !options.throwAway,
      removeAfter: options.throwAway,
      onOutput: (text) => log.write(text),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    port = started.port;
    void started.ended.then((output) => {
      if (!stopping) current = revive(output.split('\n').at(-1) ?? '');
    });
    return started;
  }

  async function revive(how: string): Promise<EmbeddedPostgres> {
    const endedAt = performance.now();
    restarts += 1;
    for (let delay = 100; ; delay = Math.min(delay * 2, 5_000)) {
      options.onEvent({ type: 'ended', name, restarts, how, restartInMs: delay });
      await wait(delay);
      if (stopping) throw new Error('stopped');
      try {
        const revived = await start();
        options.onEvent({ type: 'ready', name, restarts, afterMs: performance.now() - endedAt });
        return revived;
      } catch (error) {
        how = errorText(error);
      }
    }
  }

  options.onEvent({ type: 'starting', name, restarts });
  const startedAt = performance.now();
  const first = await start();
  options.onEvent({ type: 'ready', name, restarts, afterMs: performance.now() - startedAt });
  current ??= Promise.resolve(first);
  return {
    adminUrl: first.adminUrl,
    embedded: { port: first.port, dataDir: first.dataDir },
    async whenReady() {
      await current;
    },
    async kill(signal) {
      const running = (await current) ?? first;
      process.kill(running.pid, signal);
      await running.ended;
    },
    async stop() {
      stopping = true;
      // A server that was just being revived gives up because of `stopping`: nothing is left to stop.
      const running = await current?.catch(() => null);
      await running?.stop({ patience: 700 });
      log.end();
    },
  };
}

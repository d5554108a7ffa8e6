import { ConfigError } from '../config/index.js';

/** A service that listens. `stop` is called once, and resolves when everything it opened is closed. */
export interface RunningService {
  readonly port: number;
  stop(): Promise<void>;
}

/** EX_CONFIG of sysexits.h: a supervisor should not restart what cannot work. */
const EXIT_CONFIG = 78;
const EXIT_FAILURE = 1;

/**
 * Runs a service as this process: tells the parent `{ type: 'ready', port }` over IPC once it listens; stops it once,
 * on SIGTERM, SIGINT or when the parent goes away; exits 0 after a clean stop, 78 for an unusable configuration,
 * 1 for anything else, and at once when the same signal comes again while it stops.
 */
export async function runService(start: () => Promise<RunningService>): Promise<void> {
  const stopRequested = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        resolve();
        // Ctrl-C reaches a whole group of processes, whose head then also sends SIGTERM: only the same one again is a
        // repetition.
        process.on(signal, () => process.exit(EXIT_FAILURE));
      });
    }
    // An orphan must not linger when the parent is killed.
    if (process.connected) process.on('disconnect', () => resolve());
  });
  try {
    const service = await Promise.race([start(), stopRequested]);
    // Asked to stop before it listens: nothing was promised to anybody yet, and the system closes what is open.
    if (service === undefined) process.exit(process.exitCode ?? 0);
    process.send?.({ type: 'ready', port: service.port });
    await stopRequested;
    await service.stop();
    // Not 0 when the service asked to be stopped because something broke, and said so in exitCode.
    process.exit(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(EXIT_CONFIG);
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(EXIT_FAILURE);
  }
}

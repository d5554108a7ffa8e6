import { constants } from 'node:os';

/** npm passes a Ctrl-C on that the terminal has sent to everybody: what comes within this time is the same one. */
const SAME_KEYPRESS_MS = 500;

/** `signal` aborts at the first request to stop; a second one ends the process at once. */
export function listenForStop() {
  const controller = new AbortController();
  let firstAt = 0;
  let exitCode = 130;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(name, () => {
      if (!controller.signal.aborted) {
        firstAt = performance.now();
        exitCode = 128 + constants.signals[name];
        controller.abort();
      } else if (performance.now() - firstAt > SAME_KEYPRESS_MS) {
        // What was started ends by itself when this process is gone.
        process.exit(exitCode);
      }
    });
  }
  return { signal: controller.signal, exitCode: () => exitCode };
}

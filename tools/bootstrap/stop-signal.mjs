import { constants } from 'node:os';

/** npm passes a Ctrl-C on that the terminal has sent to everybody: what comes within this time is the same one. */
const SAME_KEYPRESS_MS = 500;
/** How soon it is noticed that npm's shell is gone. */
const PARENT_CHECK_MS = 100;

/** `signal` aborts at the first request to stop; a second one ends the process at once. */
export function listenForStop() {
  const controller = new AbortController();
  let firstAt = 0;
  let exitCode = 130;
  const onSignal = (name) => {
    if (!controller.signal.aborted) {
      firstAt = performance.now();
      exitCode = 128 + constants.signals[name];
      controller.abort();
    } else if (performance.now() - firstAt > SAME_KEYPRESS_MS) {
      // What was started ends by itself when this process is gone.
      process.exit(exitCode);
    }
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, onSignal);
  // npm passes SIGTERM to the shell between it and us, which dies of it and tells nobody.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event !== undefined && process.platform !== 'win32') {
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      onSignal('SIGTERM');
    }, PARENT_CHECK_MS).unref();
  }
  return { signal: controller.signal, exitCode: () => exitCode };
}

import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

/** npm passes a Ctrl-C on that the terminal has sent to everybody: what comes within this time is the same one. */
const SAME_KEYPRESS_MS = 500;
/** How soon it is noticed that npm is gone. */
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
  const npmIsGone = watchNpm();
  const watch = setInterval(() => {
    if (!npmIsGone()) return;
    clearInterval(watch);
    onSignal('SIGTERM');
  }, PARENT_CHECK_MS).unref();
  return { signal: controller.signal, exitCode: () => exitCode };
}

/**
 * npm runs us through a shell: SIGTERM to npm is passed to that shell, which dies of it and tells nobody; npm killed
 * with SIGKILL, or by a Ctrl-C in the moment it starts the shell, leaves the shell waiting. In all these cases nobody is
 * left who could stop us. Not under npm: never "gone".
 */
function watchNpm() {
  const shell = process.ppid;
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return () => false;
  if (!commandOf(shell).includes('tools/bootstrap/')) return () => process.ppid !== shell;
  const npm = parentOf(shell);
  if (npm !== undefined && !/npm|yarn|bun|node/.test(commandOf(npm) || 'npm')) return () => true;
  return () => process.ppid !== shell || parentOf(shell) !== npm;
}

/** What /proc tells (proc(5)); nothing where there is none, and the check is then left out. */
function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function parentOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[1];
  } catch {
    return undefined;
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { errorCode } from '../problem/index.js';
import type { Account } from './account.js';

/** How a program ended: its exit status, 128 + the signal's number when a signal ended it, null when it is not known. */
export interface Ending {
  readonly status: number | null;
  /** The last lines it wrote to standard error or output. */
  readonly output: string;
}

/** A program that ends when this process ends, however that happens. */
export interface GuardedProgram {
  /** Resolves when the program is gone; never rejects. */
  readonly ended: Promise<Ending>;
  isRunning(): boolean;
  /** Asks the program to stop with SIGINT, which is Postgres' "fast shutdown". */
  interrupt(): void;
  /** SIGKILL to the program and its guard. */
  destroy(): void;
}

export interface GuardOptions {
  readonly args: readonly string[];
  readonly account: Account | null;
  /** Working folder; the account must be able to enter it. */
  readonly cwd: string;
  /** Removed, with everything in it, when the program was interrupted or this process went away. */
  readonly removeAfter?: string;
  /** Gets the program's output as it comes. */
  readonly onOutput?: (text: string) => void;
}

const KEPT_OUTPUT = 8_000;

/**
 * Standard input is a pipe whose other end is in this process. When this process goes away, SIGKILL included, the
 * kernel closes the pipe, `read` returns and the program gets SIGINT.
 */
const GUARD = `
exec 3<&0 </dev/null
"$@" 3<&- &
program=$!
(
  read -r _ <&3
  [ -z "$ORION_REMOVE_AFTER" ] || : >"$ORION_REMOVE_AFTER/released"
  kill -INT "$program"
) >/dev/null 2>&1 &
watch=$!
wait "$program"; status=$?
kill "$watch" 2>/dev/null
if [ -n "$ORION_REMOVE_AFTER" ] && [ -e "$ORION_REMOVE_AFTER/released" ]; then
  cd / && rm -rf -- "$ORION_REMOVE_AFTER" 2>/dev/null
fi
exit "$status"
`;

/** Starts a program under the guard. Rejects when it cannot be started. */
export async function startGuarded(program: string, options: GuardOptions): Promise<GuardedProgram> {
  const windows = process.platform === 'win32';
  const [command, args] = windows
    ? [program, options.args]
    : ['/bin/sh', ['-c', GUARD, 'guard', program, ...options.args]];
  const child = spawn(command, [...args], {
    cwd: options.cwd,
    // A group of its own: Ctrl-C in a terminal reaches this process only, which stops everything in order.
    detached: !windows,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: programEnvironment(options.removeAfter),
    ...options.account,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    // The output of a program that was killed may end in a reset: `ended` tells the story.
    stream.on('error', () => stream.destroy());
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT);
      options.onOutput?.(text);
    });
  }
  let running = true;
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (status) => {
      running = false;
      resolve({ status, output: output.trim() });
    });
  });
  // Whoever killed the guard alone: closing the pipe makes its other half stop the program.
  child.once('exit', () => child.stdin.destroy());
  // Writing to a guard that is gone is no failure: `ended` tells the story.
  child.stdin.on('error', () => child.stdin.destroy());
  await once(child, 'spawn');
  return {
    ended,
    isRunning: () => running,
    interrupt() {
      if (windows) child.kill('SIGINT');
      else child.stdin.destroy();
    },
    destroy() {
      if (!running || child.pid === undefined) return;
      try {
        process.kill(windows ? child.pid : -child.pid, 'SIGKILL');
      } catch (error) {
        // It ended of itself in this moment.
        if (errorCode(error) !== 'ESRCH') throw error;
      }
    },
  };
}

/** Only what the programs need: libpq variables such as PGDATA or PGOPTIONS of the user's own would change them. */
function programEnvironment(removeAfter: string | undefined): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TMPDIR } = process.env;
  return {
    ...(PATH === undefined ? {} : { PATH }),
    ...(SystemRoot === undefined ? {} : { SystemRoot }),
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    ...(removeAfter === undefined ? {} : { ORION_REMOVE_AFTER: removeAfter }),
    LC_ALL: 'C',
    TZ: 'UTC',
  };
}

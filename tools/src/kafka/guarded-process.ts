import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface GuardedProcess {
  readonly pid: number;
  /** Resolves with how the process ended; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  isRunning(): boolean;
  kill(signal: NodeJS.Signals): void;
}

export interface ProcessEnd {
  /** As a shell tells it: 128 + the signal's number when a signal ended the process. */
  readonly status: number | null;
}

/**
 * The shell holds the reading end of a pipe whose writing end is in this process. When this process goes away, however
 * it goes (SIGKILL included), the kernel closes the pipe, `read` returns, and the shell ends the program: SIGTERM, and
 * SIGKILL five seconds later. Arguments: the file that gets the program's output, then the program and its arguments.
 */
const GUARD = `
log=$1; shift
exec 3<&0 </dev/null
"$@" >>"$log" 2>&1 3<&- &
program=$!
(
  read -r _ <&3
  kill -TERM "$program" || exit 0
  for _ in 1 2 3 4 5; do sleep 1; kill -0 "$program" || exit 0; done
  kill -KILL "$program"
) >/dev/null 2>&1 &
guard=$!
trap 'kill -TERM "$program"' TERM INT HUP
echo "$program"
wait "$program"; status=$?
while kill -0 "$program" 2>/dev/null; do wait "$program"; status=$?; done
kill "$guard" 2>/dev/null
exit "$status"
`;

/** Starts a program that cannot outlive this process. Rejects when the shell cannot be started. */
export async function startGuarded(
  program: string,
  { args, cwd, logFile }: { readonly args: readonly string[]; readonly cwd: string; readonly logFile: string },
): Promise<GuardedProcess> {
  // Detached: Ctrl-C in a terminal reaches this process only, which then stops the program in order.
  const shell = spawn('/bin/sh', ['-c', GUARD, 'guard', logFile, program, ...args], {
    cwd,
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // Writing to a shell that is gone is not a failure of ours: `ended` tells the story.
  shell.stdin.on('error', () => shell.stdin.destroy());
  let running = true;
  const ended = new Promise<ProcessEnd>((resolve) => {
    shell.once('exit', (status) => {
      running = false;
      shell.stdin.destroy();
      resolve({ status });
    });
  });
  await once(shell, 'spawn');
  const [line] = (await once(shell.stdout, 'data')) as [Buffer];
  shell.stdout.resume();
  const pid = Number(line.toString());
  return {
    pid,
    ended,
    isRunning: () => running,
    kill(signal) {
      if (running) process.kill(pid, signal);
    },
  };
}

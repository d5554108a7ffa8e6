import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { inheritedEnvironment } from './replay-stages.js';
import type { ReplayedStage } from './replay-stages.js';

/** How the command of an image ended, or that it serves. */
export type ImageOutcome =
  | { readonly kind: 'refused its configuration'; readonly problems: readonly string[] }
  | { readonly kind: 'served'; readonly health: number; readonly exit: number | null }
  | { readonly kind: 'ended'; readonly exit: number | null; readonly output: string };

export interface StartOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** In place of the image's CMD; paths are those of the image. */
  readonly command?: readonly string[];
}

/** EX_CONFIG of sysexits.h: the exit status of a service with an unusable configuration. */
const EXIT_CONFIG = 78;
/** `node` in the official images. */
const IMAGE_UID = 1000;
const TIMEOUT_MS = 60_000;

/**
 * Starts a replayed image the way a container would: its command, in its folder, with its environment and, where this
 * process may, as a user that is not root. A service that becomes ready is asked for its health and stopped again.
 */
export async function startImage(image: ReplayedStage, options: StartOptions): Promise<ImageOutcome> {
  const service = launchImage(image, options);
  const port = await Promise.race([service.ready, service.ended.then(() => undefined)]);
  if (port === undefined) {
    const { exit, output } = await service.ended;
    return exit === EXIT_CONFIG
      ? { kind: 'refused its configuration', problems: problemsIn(output) }
      : { kind: 'ended', exit, output };
  }
  const { status } = await fetch(`http://127.0.0.1:${port}/health`);
  service.child.kill('SIGTERM');
  return { kind: 'served', health: status, exit: (await service.ended).exit };
}

export interface LaunchedImage {
  readonly child: ChildProcess;
  /** The port, once the service says that it is ready. Stays pending when it never does. */
  readonly ready: Promise<number>;
  readonly ended: Promise<{ readonly exit: number | null; readonly output: string }>;
}

export function launchImage(
  image: ReplayedStage,
  { environment, command = image.command }: StartOptions,
): LaunchedImage {
  const [program, script = '', ...rest] = command;
  if (program !== 'node')
    throw new Error(`the command of the image is ${command.join(' ')}; only node can be started here`);
  const identity = process.getuid?.() === 0 && image.user !== 'root' ? { uid: IMAGE_UID, gid: IMAGE_UID } : {};
  const child = fork(insideImage(script, image), rest, {
    cwd: path.join(image.directory, image.workdir),
    // Absolute paths of the image lie below its folder here.
    env: {
      ...inheritedEnvironment(),
      HOME: image.directory,
      ...mapValues(image.environment, (value) => insideImage(value, image)),
      ...environment,
    },
    execArgv: [],
    silent: true,
    timeout: TIMEOUT_MS,
    ...identity,
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  return {
    child,
    ready: new Promise((resolve) => {
      child.on('message', (message: { readonly type?: unknown; readonly port?: unknown }) => {
        if (message.type === 'ready' && typeof message.port === 'number') resolve(message.port);
      });
    }),
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit) => resolve({ exit, output: output.join('') }));
    }),
  };
}

function insideImage(value: string, { directory }: ReplayedStage): string {
  return value.startsWith('/') && existsSync(path.join(directory, value)) ? path.join(directory, value) : value;
}

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function problemsIn(output: string): readonly string[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('  - '))
    .map((line) => line.slice(4));
}

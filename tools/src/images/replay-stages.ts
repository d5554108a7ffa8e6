import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Problem, errorText } from '../problem/index.js';
import { copyFiles } from './copy-files.js';
import type { CopySource } from './copy-files.js';
import { execForm, finalStage, pairsOf, readDockerfile } from './dockerfile.js';
import type { Dockerfile, Instruction, Stage } from './dockerfile.js';
import { readDockerIgnore } from './docker-ignore.js';
import { substitute } from './interpolation.js';

export interface ReplayOptions {
  /** The build context, which holds the Dockerfile and .dockerignore. */
  readonly root: string;
  /** Path of the Dockerfile in the context. */
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  /** An empty folder for what is built. */
  readonly scratch: string;
  /** Stages already built in the scratch folder. Share one map among the images of a run. */
  readonly built: Map<string, ReplayedStage>;
  readonly onStep?: (step: string) => void;
}

/** A stage after its last instruction: a folder that stands for the root of its file system, and its settings. */
export interface ReplayedStage {
  readonly directory: string;
  readonly workdir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly command: readonly string[];
}

/**
 * Replays the build of an image without an engine, and resolves with its last stage. Commands run on this machine and
 * not in the base image, so an absolute path in a RUN is refused. Throws a Problem that names the line that fails.
 */
export async function replayImage(options: ReplayOptions): Promise<ReplayedStage> {
  const dockerfile = readDockerfile(await readFile(path.join(options.root, options.dockerfile), 'utf8'), {
    file: options.dockerfile,
  });
  const ignore = readDockerIgnore(await readFile(path.join(options.root, '.dockerignore'), 'utf8'));
  return buildStage(finalStage(dockerfile), {
    ...options,
    file: dockerfile,
    context: { directory: options.root, ignore },
  });
}

interface Build extends ReplayOptions {
  readonly file: Dockerfile;
  readonly context: CopySource;
}

async function buildStage(stage: Stage, build: Build): Promise<ReplayedStage> {
  const key = keyOf(stage, build);
  const known = build.built.get(key);
  if (known !== undefined) return known;
  const directory = await mkdtemp(path.join(build.scratch, `${stage.name ?? 'image'}-`));
  await chmod(directory, 0o755);
  const args: Record<string, string> = {};
  let state: ReplayedStage = { directory, workdir: '/', environment: {}, user: 'root', command: [] };
  const base = build.file.stages.find(({ name }) => name === stage.image);
  if (base !== undefined) {
    const from = await buildStage(base, build);
    await copyFiles({ directory: from.directory }, { sources: ['.'], target: directory });
    state = { ...from, directory };
  }
  for (const instruction of stage.instructions) {
    build.onStep?.(`${build.file.file}:${instruction.line}: ${instruction.keyword} ${instruction.text.slice(0, 100)}`);
    try {
      state = await apply(instruction, { state, args, build });
    } catch (error) {
      // Of a stage that this one copies from: it names its own line.
      if (error instanceof Problem) throw error;
      throw new Problem(`${build.file.file}:${instruction.line}: ${errorText(error)}`, { cause: error });
    }
  }
  build.built.set(key, state);
  return state;
}

interface Step {
  readonly state: ReplayedStage;
  readonly args: Record<string, string>;
  readonly build: Build;
}

async function apply(instruction: Instruction, { state, args, build }: Step): Promise<ReplayedStage> {
  const values = { ...args, ...state.environment };
  const text = instruction.keyword === 'RUN' ? instruction.text : substitute(instruction.text, values);
  switch (instruction.keyword) {
    case 'ARG': {
      const [name = '', standard] = text.split('=');
      const value = build.args[name] ?? standard;
      if (value === undefined) throw new Error(`ARG ${name} has no value`);
      args[name] = value;
      return state;
    }
    case 'ENV':
      return { ...state, environment: { ...state.environment, ...Object.fromEntries(pairsOf(text)) } };
    case 'WORKDIR': {
      const workdir = path.posix.resolve(state.workdir, text);
      await mkdir(path.join(state.directory, workdir), { recursive: true });
      return { ...state, workdir };
    }
    case 'COPY':
      await copy(instruction, { text, state, build });
      return state;
    case 'RUN':
      await run(text, { cwd: path.join(state.directory, state.workdir), values });
      return state;
    case 'USER':
      return { ...state, user: text };
    case 'CMD':
      return { ...state, command: execForm(text) ?? ['/bin/sh', '-c', text] };
    case 'FROM':
    case 'EXPOSE':
    case 'HEALTHCHECK':
    case 'LABEL':
      return state;
  }
}

async function copy(
  instruction: Instruction,
  { text, state, build }: { readonly text: string; readonly state: ReplayedStage; readonly build: Build },
): Promise<void> {
  const paths = text.split(/\s+/);
  const target = paths.at(-1) ?? '';
  const name = instruction.flags['from'];
  const stage = name === undefined ? undefined : build.file.stages.find((other) => other.name === name);
  if (name !== undefined && stage === undefined) throw new Error(`there is no stage ${name}`);
  const from = stage === undefined ? build.context : { directory: (await buildStage(stage, build)).directory };
  const full = path.join(state.directory, path.posix.resolve(state.workdir, target));
  await copyFiles(from, { sources: paths.slice(0, -1), target: target.endsWith('/') ? `${full}/` : full });
}

/** What a command may see of this machine: how to find programs and how to reach the registry, nothing of Node or npm. */
const INHERITED =
  /^(?:PATH|HOME|TMPDIR|LANG|(?:HTTPS?|NO|ALL)_PROXY|(?:https?|no|all)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/;

export function inheritedEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => INHERITED.test(name)));
}

async function run(
  command: string,
  { cwd, values }: { readonly cwd: string; readonly values: Readonly<Record<string, string>> },
): Promise<void> {
  if (/(?:^|[\s=])\/\w/.test(command))
    throw new Error('RUN with an absolute path cannot be replayed: it would mean this machine');
  const child = spawn('/bin/sh', ['-ec', command], {
    cwd,
    env: { ...inheritedEnvironment(), ...values },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0)
    throw new Error(`RUN ${command} ended with ${status}:\n${output.join('').split('\n').slice(-20).join('\n')}`);
}

/** Two stages with the same key come out equal, unless the context changes under a run. */
function keyOf({ image, instructions }: Stage, build: Build): string {
  const declared = instructions.filter(({ keyword }) => keyword === 'ARG').map(({ text }) => text.split('=')[0] ?? '');
  const args = declared.map((name) => [name, build.args[name]]);
  const sources: readonly string[] = [image, ...instructions.map(({ flags }) => flags['from'] ?? '')];
  const needed = build.file.stages.filter(({ name }) => name !== undefined && sources.includes(name));
  return JSON.stringify([
    image,
    instructions.map(({ keyword, flags, text }) => [keyword, flags, text]),
    args,
    needed.map((stage) => keyOf(stage, build)),
  ]);
}

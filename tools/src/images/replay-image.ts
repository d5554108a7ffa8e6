import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startThrowAwayPostgres } from '../embedded-postgres/index.js';
import { builtServices } from './compose-images.js';
import type { BuiltService } from './compose-images.js';
import { readCompose } from './compose-file.js';
import type { ComposeFile } from './compose-file.js';
import { inspectContents } from './image-contents.js';
import { replayImage } from './replay-stages.js';
import type { ReplayedStage } from './replay-stages.js';
import { replayComposition } from './replay-composition.js';
import { REPOSITORY, runTool } from './run-tool.js';
import { startImage } from './start-image.js';
import type { ImageOutcome } from './start-image.js';

const USAGE = `usage: npm run images:replay [-- [--run] SERVICE ...]
Replays the build of the images of docker-compose.yml without an engine, and starts each result without configuration.
  --run  then runs all of them together, as docker-compose.yml says, with a throw-away PostgreSQL`;

async function main(parameters: readonly string[]): Promise<number> {
  const isRun = parameters.includes('--run');
  const names = parameters.filter((parameter) => parameter !== '--run');
  const { file } = readCompose(await readFile(path.join(REPOSITORY, 'docker-compose.yml'), 'utf8'));
  const services = builtServices(file).filter(({ service }) => names.length === 0 || names.includes(service));
  if (services.length === 0 || (isRun && names.length > 0)) {
    console.log(USAGE);
    return 2;
  }
  const scratch = await mkdtemp(path.join(tmpdir(), 'orion-images-'));
  // The services run as another user than the one who builds.
  await chmod(scratch, 0o755);
  try {
    const images = new Map<string, ReplayedStage>();
    const areGood = await replayEach(services, { scratch, images });
    if (!areGood) return 1;
    return isRun ? await runTogether(file, { images }) : 0;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function replayEach(
  services: readonly BuiltService[],
  { scratch, images }: { readonly scratch: string; readonly images: Map<string, ReplayedStage> },
): Promise<boolean> {
  const built = new Map<string, ReplayedStage>();
  let areGood = true;
  for (const { service, dockerfile, args, command } of services) {
    const began = performance.now();
    const image = await replayImage({
      root: REPOSITORY,
      dockerfile,
      args,
      scratch,
      built,
      onStep: (step) => console.log(`  ${step}`),
    });
    images.set(service, image);
    const { files, bytes, unwanted } = await inspectContents(image.directory);
    const outcome = await startImage(image, {
      environment: { HOST: '127.0.0.1', PORT: '0' },
      ...(command === undefined ? {} : { command }),
    });
    const isGood = unwanted.length === 0 && isExpected(outcome);
    areGood &&= isGood;
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(
      `${isGood ? 'ok' : 'FAILED'} ${service}: ${files} files, ${(bytes / 1e6).toFixed(0)} MB besides the base image, ${seconds} s`,
    );
    console.log(describe(outcome));
    for (const found of unwanted) console.log(`  does not belong in the image: ${found}`);
  }
  return areGood;
}

async function runTogether(
  file: ComposeFile,
  { images }: { readonly images: ReadonlyMap<string, ReplayedStage> },
): Promise<number> {
  const postgres = await startThrowAwayPostgres();
  try {
    const { keys, exits } = await replayComposition(file, {
      images,
      postgresUrl: postgres.adminUrl,
      onStep: (step) => console.log(`  ${step}`),
    });
    const isGood = keys > 0 && [...exits.values()].every((exit) => exit === 0);
    console.log(
      `${isGood ? 'ok' : 'FAILED'} together: a registration was accepted, ${keys} public keys; exits ${JSON.stringify(Object.fromEntries(exits))}`,
    );
    return isGood ? 0 : 1;
  } finally {
    await postgres.stop();
  }
}

/** A service refuses an empty configuration in words; the gateway can serve without one. */
function isExpected(outcome: ImageOutcome): boolean {
  if (outcome.kind === 'served') return outcome.health === 200 && outcome.exit === 0;
  return outcome.kind === 'refused its configuration' && outcome.problems.length > 0;
}

function describe(outcome: ImageOutcome): string {
  if (outcome.kind === 'served') return `  served: /health ${outcome.health}, then stopped with exit ${outcome.exit}`;
  if (outcome.kind === 'ended') return `  ended with ${outcome.exit}:\n${outcome.output}`;
  return `  without configuration it ends with 78 and says:\n${outcome.problems.map((problem) => `    ${problem}`).join('\n')}`;
}

if (process.argv[1] === import.meta.filename) await runTool(() => main(process.argv.slice(2)));

import type { Finding } from '../schema/finding.js';
import { execForm, finalStage, pairsOf } from './dockerfile.js';
import type { Dockerfile, Stage } from './dockerfile.js';

/** House rules for Dockerfiles. */
export function checkDockerfile(dockerfile: Dockerfile): readonly Finding[] {
  const { file, stages } = dockerfile;
  const names = stages.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const last = finalStage(dockerfile);
  const faults = [...stages.flatMap((stage) => checkStage(stage, { names })), ...checkFinal(last)];
  return faults.map(({ line, message }) => ({ file, line, message, severity: 'error' }));
}

interface Fault {
  readonly line: number;
  readonly message: string;
}

function checkStage(
  { image, line, instructions }: Stage,
  { names }: { readonly names: readonly string[] },
): readonly Fault[] {
  const faults: Fault[] = [];
  if (!names.includes(image) && !/:\d+\.\d+\.\d+[\w.-]*$/.test(image))
    faults.push({ line, message: `the base image ${image} is not pinned to a full version` });
  for (const { keyword, flags, text, line: at } of instructions) {
    const from = flags['from'];
    if (from !== undefined && !names.includes(from))
      faults.push({ line: at, message: `COPY --from=${from} names no stage of this file` });
    if (keyword === 'RUN' && /\bnpm (?:i|install)\b/.test(text))
      faults.push({ line: at, message: 'npm install may change what the lockfile says: npm ci' });
    if (keyword === 'ENV' || keyword === 'ARG') {
      const secret = [...pairsOf(text).map(([name]) => name), text].find((name) =>
        /(?:PASSWORD|SECRET|TOKEN|_KEY)$/.test(name),
      );
      if (secret !== undefined) faults.push({ line: at, message: `${secret} would stay in the layers of the image` });
    }
  }
  return faults;
}

function checkFinal({ line, instructions }: Stage): readonly Fault[] {
  const last = (wanted: string) => instructions.findLast(({ keyword }) => keyword === wanted);
  const user = last('USER');
  const command = last('CMD');
  const faults: Fault[] = [];
  if (user === undefined || /^(?:root|0)(?::|$)/.test(user.text))
    faults.push({ line: user?.line ?? line, message: 'the image runs as root: USER' });
  if (last('HEALTHCHECK') === undefined) faults.push({ line, message: 'the image has no HEALTHCHECK' });
  if (command === undefined) faults.push({ line, message: 'the image has no CMD' });
  else if (execForm(command.text) === undefined)
    faults.push({
      line: command.line,
      message: 'CMD needs the exec form: signals would reach a shell and not the service',
    });
  return faults;
}

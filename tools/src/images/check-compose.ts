import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { formatFinding } from '../schema/finding.js';
import type { Finding } from '../schema/finding.js';
import { checkConfigurations, checkEnvExample } from './compose-configuration.js';
import { readCompose } from './compose-file.js';
import { builtImage, mainServices } from './compose-images.js';
import { checkServices } from './compose-rules.js';
import type { ImageFacts } from './compose-rules.js';
import { validateCompose } from './compose-schema.js';
import { readConfigurations } from './configuration-schemas.js';
import { environmentOf, finalStage, readDockerfile } from './dockerfile.js';
import { checkDockerfile } from './dockerfile-rules.js';
import { REPOSITORY, runTool } from './run-tool.js';

const FILE = 'docker-compose.yml';

/** Everything that is wrong with docker-compose.yml, .env.example beside it and the Dockerfiles it builds. */
export async function checkCompose(root: string): Promise<readonly Finding[]> {
  const text = await readFile(path.join(root, FILE), 'utf8');
  const { file, lineOf } = readCompose(text);
  const invalid = await validateCompose(file, { root });
  const toFinding = ({
    path: at,
    message,
  }: {
    readonly path: readonly (string | number)[];
    readonly message: string;
  }): Finding => ({
    file: FILE,
    line: lineOf(at),
    message,
    severity: 'error',
  });
  // What is not a Compose file has no services to hold against the house rules.
  if (invalid.length > 0) return invalid.map(toFinding);

  const images: Record<string, ImageFacts> = {};
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [name, service] of Object.entries(file.services)) {
    const built = builtImage(service);
    if (built === undefined) continue;
    const target = path.join(root, built.dockerfile);
    if (!existsSync(target)) {
      findings.push(
        toFinding({
          path: ['services', name, 'build', 'dockerfile'],
          message: `${name}: ${built.dockerfile} does not exist`,
        }),
      );
      continue;
    }
    const dockerfile = readDockerfile(await readFile(target, 'utf8'), { file: built.dockerfile });
    const last = finalStage(dockerfile);
    images[name] = {
      environment: environmentOf(last),
      hasHealthcheck: last.instructions.some(({ keyword }) => keyword === 'HEALTHCHECK'),
    };
    if (!seen.has(built.dockerfile)) findings.push(...checkDockerfile(dockerfile));
    seen.add(built.dockerfile);
  }
  const workspaces = [...new Set(mainServices(file).map(({ workspace }) => workspace))];
  const configurations = await readConfigurations(workspaces, { root });
  const example = path.join(root, '.env.example');
  const envExample = existsSync(example) ? await readFile(example, 'utf8') : '';
  const faults = [
    ...checkServices(file, { images }),
    ...checkConfigurations(file, { configurations, images }),
    ...checkEnvExample(file, { envExample }),
  ];
  return [...findings, ...faults.map(toFinding)];
}

if (process.argv[1] === import.meta.filename) {
  await runTool(async () => {
    const findings = await checkCompose(REPOSITORY);
    for (const finding of findings) console.log(formatFinding(finding));
    if (findings.length === 0) console.log(`${FILE} fits the Compose Specification and the house rules`);
    return findings.length === 0 ? 0 : 1;
  });
}

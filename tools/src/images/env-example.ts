import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { formatFinding } from '../schema/finding.js';
import type { Finding } from '../schema/finding.js';
import { mainServices } from './compose-images.js';
import { readCompose } from './compose-file.js';
import { readConfigurations } from './configuration-schemas.js';
import { renderEnvExample } from './render-env-example.js';
import { REPOSITORY, runTool } from './run-tool.js';

const FILE = '.env.example';

/** The text that .env.example has to have. Throws a Problem when a service is not built. */
export async function envExampleOf(root: string): Promise<string> {
  const { file } = readCompose(await readFile(path.join(root, 'docker-compose.yml'), 'utf8'));
  const workspaces = mainServices(file).map(({ workspace }) => workspace);
  return renderEnvExample(file, {
    configurations: await readConfigurations(workspaces.toSorted(gatewayLast), { root }),
  });
}

/** What it shares with the subgraphs it describes from its own side. */
function gatewayLast(a: string, b: string): number {
  return Number(a === 'gateway') - Number(b === 'gateway');
}

/** The first line on which a text differs from what is expected. */
export function firstDrift(text: string, { expected }: { readonly expected: string }): Finding | undefined {
  const lines = text.split('\n');
  const wanted = expected.split('\n');
  const index = wanted.findIndex((line, at) => line !== lines[at]);
  const at = index === -1 && lines.length > wanted.length ? wanted.length : index;
  if (at === -1) return undefined;
  const message = `${JSON.stringify(lines[at] ?? '')} is here and ${JSON.stringify(wanted[at] ?? 'the end of the file')} should be`;
  return { file: FILE, line: at + 1, message, hint: 'npm run env-example', severity: 'error' };
}

if (process.argv[1] === import.meta.filename) {
  await runTool(async () => {
    const expected = await envExampleOf(REPOSITORY);
    const target = path.join(REPOSITORY, FILE);
    if (!process.argv.includes('--check')) {
      await writeFile(target, expected);
      console.log(`${FILE} written`);
      return 0;
    }
    const drift = firstDrift(existsSync(target) ? await readFile(target, 'utf8') : '', { expected });
    console.log(drift === undefined ? `${FILE} is as the configuration schemas say` : formatFinding(drift));
    return drift === undefined ? 0 : 1;
  });
}

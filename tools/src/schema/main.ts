import path from 'node:path';
import { parseArgs } from 'node:util';
import { Problem, errorText } from '../problem/index.js';
import { checkSchema } from './check-schema.js';
import { formatAnnotation, formatFinding } from './finding.js';
import type { Finding } from './finding.js';
import { writeSchema } from './write-schema.js';

const USAGE = `npm run schema                                writes rover.yaml and schema/ from the built code
npm run schema:check                          fails on drift, composition errors, breaking changes, conventions
npm run schema:check -- --base REF            compares with where the branch left REF (default origin/main, else HEAD)
npm run schema:check -- --allow-breaking      breaking changes are warnings
A breaking change is also let through by a commit trailer that names it: "Allow-Breaking: User.email WHY".`;

process.exitCode = await main().catch((error: unknown) => {
  const advice = error instanceof Problem ? error.advice : [];
  console.error([errorText(error), ...advice.map((line) => `  ${line}`)].join('\n'));
  return 1;
});

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      base: { type: 'string' },
      'allow-breaking': { type: 'boolean', default: false },
      root: { type: 'string', default: path.resolve(import.meta.dirname, '../../..') },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  return values.check
    ? check(values.root, { base: values.base, allowBreaking: values['allow-breaking'] })
    : write(values.root);
}

async function write(root: string): Promise<number> {
  const { changed, removed, subgraphs, findings } = await writeSchema(root);
  for (const file of changed) console.log(`wrote    ${file}`);
  for (const file of removed) console.log(`removed  ${file}`);
  const errors = report(findings);
  if (errors > 0) console.error(`\n${subgraphs.join(', ')} do not compose: ${count(errors, 'error')}`);
  else
    console.log(
      `${subgraphs.join(', ')} compose; ${changed.length + removed.length === 0 ? 'nothing changed' : 'commit schema/ and rover.yaml'}`,
    );
  return errors > 0 ? 1 : 0;
}

async function check(
  root: string,
  options: { readonly base: string | undefined; readonly allowBreaking: boolean },
): Promise<number> {
  const { findings, base, subgraphs } = await checkSchema(root, options);
  const errors = report(findings);
  const compared = base === null ? 'compared with nothing: no git history here' : `compared with ${base}`;
  const verdict = errors > 0 ? `schema check failed: ${count(errors, 'error')}` : `schema check passed`;
  (errors > 0 ? console.error : console.log)(`${verdict} (${subgraphs.join(', ')}; ${compared})`);
  return errors > 0 ? 1 : 0;
}

/** Prints the findings and returns how many are errors. */
function report(findings: readonly Finding[]): number {
  for (const finding of findings) {
    console.error(formatFinding(finding));
    if (process.env['GITHUB_ACTIONS'] === 'true') console.log(formatAnnotation(finding));
  }
  return findings.filter(({ severity }) => severity === 'error').length;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

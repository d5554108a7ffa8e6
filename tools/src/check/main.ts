import path from 'node:path';
import { parseArgs } from 'node:util';
import { errorText } from '../problem/index.js';
import { runSteps } from './run-steps.js';
import type { StepResult } from './run-steps.js';
import { steps } from './steps.js';
import type { Step } from './steps.js';

const USAGE = `npm run check                       everything that has to hold before a change is merged
npm run check -- --base REF         compares the schema with where the branch left REF
npm run check -- --allow-breaking   lets breaking changes of the schema through
npm run check -- --skip test,lint   leaves steps out`;

const WORDS = { passed: 'ok', failed: 'FAIL', skipped: 'skip' } as const;
const NAME_WIDTH = 13;

process.exitCode = await main().catch((error: unknown) => {
  console.error(errorText(error));
  return 1;
});

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      base: { type: 'string' },
      'allow-breaking': { type: 'boolean', default: false },
      skip: { type: 'string', default: '' },
      root: { type: 'string', default: path.resolve(import.meta.dirname, '../../..') },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const schemaParameters = [
    ...(values.base === undefined ? [] : ['--base', values.base]),
    ...(values['allow-breaking'] ? ['--allow-breaking'] : []),
  ];
  const all = steps({ schemaParameters });
  const left = values.skip.split(',').filter((name) => name !== '');
  const unknown = left.filter((name) => all.every((step) => step.name !== name));
  if (unknown.length > 0)
    throw new Error(`no such step: ${unknown.join(', ')} (there are ${all.map(({ name }) => name).join(', ')})`);
  const results = await runSteps(
    all.filter(({ name }) => !left.includes(name)),
    { cwd: values.root, onStart: showStart, onEnd: showEnd },
  );
  return summarise(results);
}

/** On a terminal the line says what is running until it is replaced by how it went. */
function showStart({ name }: Step): void {
  if (process.stdout.isTTY) process.stdout.write(`...   ${name}`);
}

function showEnd({ step, outcome, seconds, output, verdict }: StepResult): void {
  if (process.stdout.isTTY) process.stdout.write('\r\u001B[K');
  const time = outcome === 'skipped' ? '' : `${seconds.toFixed(1)} s`;
  console.log(`${WORDS[outcome].padEnd(5)} ${step.name.padEnd(NAME_WIDTH)}${time.padStart(8)}  ${verdict}`.trimEnd());
  if (outcome === 'failed') console.log(`\n${output.trimEnd().replace(/^/gm, '    ')}\n`);
}

function summarise(results: readonly StepResult[]): number {
  const failed = results.filter(({ outcome }) => outcome !== 'passed');
  if (failed.length === 0) {
    console.log(`\ncheck passed: ${results.length} steps`);
    return 0;
  }
  console.log(`\ncheck failed: ${failed.length} of ${results.length} steps`);
  for (const { step, outcome, verdict } of failed) {
    console.log(
      `  ${step.name.padEnd(NAME_WIDTH)}${outcome === 'skipped' ? `not run: ${verdict}` : `see above, or run: ${step.alone}`}`,
    );
  }
  return 1;
}

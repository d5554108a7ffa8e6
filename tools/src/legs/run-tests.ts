import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runVisibly } from './run-visibly.js';

/** What jest writes with --json, as far as it is used here (FormattedTestResults of @jest/test-result). */
export interface TestResults {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/**
 * Runs the test files that match any of `patterns` (regular expressions over paths). Resolves with the exit status: not
 * 0 when a test fails, and when one of those that have to run did not: it was skipped, or a pattern matches no file.
 */
export async function runTests(
  patterns: readonly string[],
  { environment = {}, parameters = [] }: { environment?: NodeJS.ProcessEnv; parameters?: readonly string[] } = {},
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'orion-test-results-'));
  const file = join(folder, 'results.json');
  try {
    const report = ['--json', `--outputFile=${file}`];
    const status = await runVisibly(
      process.execPath,
      ['tools/bootstrap/test.mjs', ...patterns, ...parameters, ...report],
      environment,
    );
    if (status !== 0) return status;
    const missing = notRun(JSON.parse(await readFile(file, 'utf8')) as TestResults, { patterns });
    for (const line of missing) console.error(`not run, and it has to: ${line}`);
    return missing.length === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What was skipped or is still to be written, by name, and the patterns that no test file matches. */
export function notRun(
  { testResults }: TestResults,
  { patterns }: { readonly patterns: readonly string[] },
): readonly string[] {
  const skipped = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ status, fullName }) => `${name}: ${fullName} (${status})`),
  );
  const unmatched = patterns.filter((pattern) => !testResults.some(({ name }) => new RegExp(pattern).test(name)));
  return [...skipped, ...unmatched.map((pattern) => `no test file matches ${pattern}`)];
}

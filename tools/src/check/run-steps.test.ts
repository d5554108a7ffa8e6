import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runSteps } from './run-steps.js';
import type { Step } from './steps.js';

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(path.join(os.tmpdir(), 'orion-check-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

async function step(name: string, code: string, extra: Partial<Step> = {}): Promise<Step> {
  await writeFile(path.join(cwd, `${name}.mjs`), code);
  return { name, alone: `npm run ${name}`, script: `${name}.mjs`, parameters: [], needs: [], ...extra };
}

function run(...steps: readonly Step[]) {
  return runSteps(steps, { cwd, onStart: () => undefined, onEnd: () => undefined });
}

test('a step passes by its exit code, and its last line is the verdict', async () => {
  const [result] = await run(await step('good', 'console.log("one"); console.log("all is well\\n")'));
  expect(result).toMatchObject({ outcome: 'passed', verdict: 'all is well' });
});

test('the verdict may stand anywhere', async () => {
  const [result] = await run(
    await step('told', 'console.log("3 passed, 0 failed"); console.log("bye")', { verdict: /^\d+ passed/ }),
  );
  expect(result?.verdict).toBe('3 passed, 0 failed');
});

test('what follows a failure is run all the same, and the output is kept', async () => {
  const results = await run(await step('bad', 'console.error("no"); process.exitCode = 3'), await step('next', ''));
  expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'passed']);
  expect(results[0]).toMatchObject({ output: 'no\n', verdict: 'no' });
});

test('what needs a failed step is left out, and so is what needs that', async () => {
  const results = await run(
    await step('first', 'process.exitCode = 1'),
    await step('second', '', { needs: ['first'] }),
    await step('third', '', { needs: ['second'] }),
  );
  expect(results.map(({ outcome, verdict }) => [outcome, verdict])).toEqual([
    ['failed', 'exit code 1'],
    ['skipped', 'first did not pass'],
    ['skipped', 'second did not pass'],
  ]);
});

test('a step that a signal ends has failed', async () => {
  const [result] = await run(await step('killed', 'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000)'));
  expect(result).toMatchObject({ outcome: 'failed', verdict: 'ended by SIGKILL' });
});

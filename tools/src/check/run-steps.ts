import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Step } from './steps.js';

/** How a step went. */
export interface StepResult {
  readonly step: Step;
  /** `skipped`: a step that it needs did not pass. */
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly seconds: number;
  /** What it printed, both streams in the order in which it came. */
  readonly output: string;
  /** One line about it. */
  readonly verdict: string;
}

export interface RunOptions {
  /** Root of the checkout. */
  readonly cwd: string;
  readonly onStart: (step: Step) => void;
  readonly onEnd: (result: StepResult) => void;
}

/** Runs the steps one after the other, whatever fails; only what needs a failed one is left out. */
export async function runSteps(
  steps: readonly Step[],
  { cwd, onStart, onEnd }: RunOptions,
): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for (const step of steps) {
    const missing = step.needs.find((name) =>
      results.some((result) => result.step.name === name && result.outcome !== 'passed'),
    );
    onStart(step);
    const result = missing === undefined ? await runStep(step, { cwd }) : skip(step, { missing });
    onEnd(result);
    results.push(result);
  }
  return results;
}

function skip(step: Step, { missing }: { readonly missing: string }): StepResult {
  return { step, outcome: 'skipped', seconds: 0, output: '', verdict: `${missing} did not pass` };
}

async function runStep(step: Step, { cwd }: { readonly cwd: string }): Promise<StepResult> {
  const began = performance.now();
  const child = spawn(process.execPath, [step.script, ...step.parameters], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => (output += text));
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const said = step.verdict === undefined ? lines.at(-1) : lines.findLast((line) => step.verdict?.test(line) === true);
  return {
    step,
    outcome: code === 0 ? 'passed' : 'failed',
    seconds: (performance.now() - began) / 1_000,
    output,
    verdict: said ?? (signal === null ? (code === 0 ? '' : `exit code ${code}`) : `ended by ${signal}`),
  };
}

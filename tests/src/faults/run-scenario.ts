import { rm } from 'node:fs/promises';
import { Problem } from '@orion/tools/problem';
import { createRandom } from './random.js';
import type { TransportName } from './rig/broker.js';
import { openRig } from './rig/rig.js';
import type { Rig, Servers } from './rig/rig.js';
import type { Figures, Scenario } from './scenario.js';

/** A row that has been run. */
export interface Result {
  readonly scenario: Scenario;
  readonly transport: TransportName;
  readonly figures: Figures;
  readonly passed: boolean;
  readonly seconds: number;
  /** Output of the processes, kept when the row failed. */
  readonly logDirs: readonly string[];
}

export interface RunOptions {
  readonly servers: Servers;
  readonly quick: boolean;
  readonly seed: number;
}

/** Runs one row on one transport. A row that throws has failed. Leaves no process behind. */
export async function runScenario(scenario: Scenario, { servers, quick, seed }: RunOptions): Promise<Result> {
  const began = performance.now();
  const rigs: Rig[] = [];
  const transport = servers.broker.kind;
  let figures: Figures;
  try {
    figures = await scenario.run({
      transport,
      parameters: quick ? scenario.quick : scenario.full,
      random: createRandom(seed),
      async openRig(options) {
        const rig = await openRig(servers, options);
        rigs.push(rig);
        return rig;
      },
    });
  } catch (error) {
    const advice = error instanceof Problem ? error.advice : [];
    const problem = [error instanceof Error ? (error.stack ?? error.message) : String(error), ...advice].join('\n');
    figures = { done: 'broke off', lost: 0, doubled: 0, disordered: 0, recoveryMs: null, problems: [problem] };
  } finally {
    await Promise.all(rigs.map((rig) => rig.destroyProcesses()));
  }
  const passed =
    figures.lost === 0 && figures.doubled === 0 && figures.disordered === 0 && figures.problems.length === 0;
  const logDirs = rigs.map(({ logDir }) => logDir);
  if (passed) await Promise.all(logDirs.map((folder) => rm(folder, { recursive: true, force: true })));
  return {
    scenario,
    transport,
    figures,
    passed,
    seconds: (performance.now() - began) / 1_000,
    logDirs: passed ? [] : logDirs,
  };
}

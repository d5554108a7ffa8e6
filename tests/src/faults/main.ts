import { parseArgs } from 'node:util';
import type { TransportName } from './rig/broker.js';
import { startServers } from './rig/rig.js';
import { runScenario } from './run-scenario.js';
import type { Result } from './run-scenario.js';
import { BOTH, defineScenario } from './scenario.js';
import type { Scenario } from './scenario.js';
import { scenarios } from './scenarios.js';
import { soak } from './soak.js';
import { cellsOf, lineOf, tableOf } from './table.js';

const USAGE = `usage: npm run faults -- [--only F4,F5] [--transport postgres|kafka] [--quick] [--seed N] [--soak MINUTES]
Runs the fault matrix on real servers and real processes, and prints what was lost (nothing).
  --only       these rows
  --transport  both by default
  --quick      the sizes that run with every build
  --seed       of all random choices; printed
  --soak       random faults under a steady load for so many minutes, in place of the rows`;

async function main(): Promise<void> {
  const options = {
    only: { type: 'string' },
    transport: { type: 'string' },
    quick: { type: 'boolean', default: false },
    seed: { type: 'string' },
    soak: { type: 'string' },
    help: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ options });
  const transports = BOTH.filter((name) => values.transport === undefined || name === values.transport);
  const only = values.only?.split(',').map((id) => id.trim().toUpperCase());
  const minutes = values.soak === undefined ? undefined : Number(values.soak);
  const chosen =
    minutes === undefined ? scenarios.filter(({ id }) => only === undefined || only.includes(id)) : [soakOf(minutes)];
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  if (
    values.help ||
    transports.length === 0 ||
    chosen.length === 0 ||
    !Number.isInteger(seed) ||
    Number.isNaN(minutes)
  ) {
    console.log(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  console.log(`seed ${seed}`);
  const results: Result[] = [];
  for (const transport of transports) results.push(...(await runRows(transport)));
  console.log(`\n${tableOf(results)}`);
  if (results.some(({ passed }) => !passed)) process.exitCode = 1;

  async function runRows(transport: TransportName): Promise<readonly Result[]> {
    const rows = chosen.filter((scenario) => scenario.transports.includes(transport));
    const done: Result[] = [];
    let servers = await startServers(transport);
    try {
      for (const scenario of rows) {
        const result = await runScenario(scenario, { servers, quick: values.quick, seed });
        console.log(lineOf(cellsOf(result)));
        for (const line of result.figures.problems) console.log(`    problem: ${line}`);
        for (const line of result.figures.notes ?? []) console.log(`    ${line}`);
        for (const folder of result.logDirs) console.log(`    logs: ${folder}`);
        done.push(result);
        if (result.passed) continue;
        // A row that failed may have left them in any state.
        await servers.close();
        servers = await startServers(transport);
      }
    } finally {
      await servers.close();
    }
    return done;
  }
}

function soakOf(minutes: number): Scenario {
  return defineScenario({
    id: 'soak',
    title: `random faults for ${minutes} minutes`,
    transports: BOTH,
    inTests: [],
    quick: {},
    full: {},
    expected: 'whatever comes together',
    run: (context) => soak(context, { minutes }),
  });
}

await main();

import { startServers } from './rig/rig.js';
import type { Servers } from './rig/rig.js';
import { runScenario } from './run-scenario.js';
import { scenarios } from './scenarios.js';

const rows = scenarios.filter(({ inTests }) => inTests.includes('postgres'));

let servers: Servers;

beforeAll(async () => {
  servers = await startServers('postgres');
}, 120_000);
afterAll(() => servers?.close(), 30_000);

test.each(rows)(
  '$id, $title: nothing is lost, doubled or out of order',
  async (scenario) => {
    const { figures } = await runScenario(scenario, { servers, quick: true, seed: 1 });
    expect(figures).toMatchObject({ lost: 0, doubled: 0, disordered: 0, problems: [] });
  },
  240_000,
);

import { setTimeout as wait } from 'node:timers/promises';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { readLedger } from '../crash/ledger.js';
import { startClients } from './platform-clients.js';
import type { Rig } from './rig/rig.js';
import { BOTH, defineScenario } from './scenario.js';
import { until } from './under-load.js';

const SERVICES = ['auth', 'user', 'notification', 'analytics', 'gateway'];
/** The gateway leaves a subgraph alone for 5 s when it has failed often: until then its failures belong to the restart. */
const LEARN_MS = 6_000;
const CALM_MS = 1_000;

/**
 * Every service has one replica here, so that a request that needs one which restarts alone may fail: those are counted
 * and told. What may not be is a request that fails while all services are up, or an effect that is missing or doubled.
 */
export const f28RollingRestarts = defineScenario({
  id: 'F28',
  title: 'rolling restarts (SIGTERM) of every subgraph and the gateway under load',
  transports: BOTH,
  inTests: [],
  quick: { rounds: 1 },
  full: { rounds: 5 },
  expected: 'every acknowledged registration has each of its effects once',
  async run({ openRig, parameters }) {
    const rig = await openRig();
    const platform = await startPlatform({
      mode: 'test',
      postgresUrl: rig.consumer.adminUrl,
      env: { ...transportEnvironment(rig), LOG_LEVEL: 'warn' },
    });
    try {
      return await restartAll(platform, parameters.rounds);
    } finally {
      await platform.stop();
    }
  },
});

function transportEnvironment({ transportPlan: plan }: Rig): Record<string, string | undefined> {
  return plan.kind === 'kafka' ? { KAFKA_BROKERS: plan.brokers, BUS_DATABASE_URL: undefined } : {};
}

async function restartAll(platform: Platform, rounds: number) {
  const clients = await startClients(platform.url);
  await until('requests are answered', { within: 30_000 }, () => clients.answered() > 20);
  for (let round = 0; round < rounds; round += 1) {
    for (const service of SERVICES) {
      clients.setPhase(service);
      await platform.restart(service);
      await wait(LEARN_MS);
      clients.setPhase('all up');
      await wait(CALM_MS);
    }
  }
  const { registered, answered, failures, unexplained } = await clients.stop();
  const began = performance.now();
  const ledger = () => readLedger(platform.databaseUrls, { emailPattern: 'rolling-%@example.com' });
  const settled = await until('settled', { within: 60_000, every: 200 }, async () => (await ledger()).isSettled).catch(
    () => null,
  );
  await wait(500);
  const { emails, effectsPerAccount } = await ledger();
  const known = new Set(emails);
  const ranges = Object.entries(effectsPerAccount);
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  const whileUp = failures['all up'] ?? 0;
  const missing = registered.filter((email) => !known.has(email)).length;
  return {
    done: `${rounds * SERVICES.length} restarts, ${registered.length} registered, ${answered} requests answered, ${failed} failed`,
    lost: missing + ranges.filter(([, { least }]) => least < 1).length,
    doubled: ranges.filter(([, { most }]) => most > 1).length,
    disordered: 0,
    recoveryMs: settled === null ? null : Math.round(performance.now() - began),
    problems: [
      ...(settled === null ? ['not settled within 60 s'] : []),
      ...(registered.length === 0 ? ['nobody was registered'] : []),
      ...(whileUp > 0 ? [`${whileUp} requests failed while every service was up: ${JSON.stringify(unexplained)}`] : []),
      ...ranges
        .filter(([, { least, most }]) => least !== 1 || most !== 1)
        .map(([effect, { least, most }]) => `${effect}: ${least} to ${most} an account`),
    ],
    notes: [
      `failed while a service with one replica restarted: ${
        Object.entries(failures)
          .map(([phase, count]) => `${phase} ${count}`)
          .join(', ') || 'none'
      }`,
    ],
  };
}

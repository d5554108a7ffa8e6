import { setTimeout as wait } from 'node:timers/promises';
import { seconds, timeToEffect } from './progress.js';
import { BOTH, defineScenario } from './scenario.js';
import { figuresOf, underLoad } from './under-load.js';

/** 3 x the session timeout of a Kafka consumer. */
const RECOVERED_WITHIN_MS = 30_000;

export const f05Network = defineScenario({
  id: 'F5',
  title: 'connections reset, slow, half open',
  transports: BOTH,
  inTests: ['kafka'],
  quick: { latencyMs: 150, slowForMs: 1_500, rounds: 1 },
  full: { latencyMs: 400, slowForMs: 20_000, rounds: 3 },
  expected: 'events flow again within 30 s (3 x session timeout)',
  async run({ openRig, parameters }) {
    const rig = await openRig({ proxied: true });
    const { proxy } = rig.broker;
    const problems: string[] = [];
    const notes: string[] = [];
    rig.startRelay();
    rig.startConsumer();
    const producer = rig.startProducer();

    async function recovers(what: string): Promise<void> {
      const took = await timeToEffect(rig, { within: 4 * RECOVERED_WITHIN_MS }).catch(() => Infinity);
      notes.push(`${what}: events flow after ${seconds(took)}`);
      if (took > RECOVERED_WITHIN_MS) problems.push(`${what}: events flow only after ${seconds(took)}`);
    }

    const outcome = await underLoad(rig, {
      producer,
      settleWithin: 90_000,
      async fault() {
        await recovers('at first');
        for (let round = 0; round < parameters.rounds; round += 1) {
          proxy.reset();
          await recovers('reset');
          proxy.setLatency(parameters.latencyMs);
          await wait(parameters.slowForMs);
          await recovers(`with ${parameters.latencyMs} ms each way`);
          proxy.setLatency(0);
          await recovers('fast again');
          const forgotten = proxy.forgetConnections();
          await recovers(`${forgotten} connections half open`);
        }
      },
    });
    return figuresOf(outcome, { done: `${parameters.rounds} x reset, latency, half open`, problems, notes });
  },
});

import { setTimeout as wait } from 'node:timers/promises';
import { seconds, timeToEffect } from './progress.js';
import { BOTH, defineScenario } from './scenario.js';
import { figuresOf, underLoad } from './under-load.js';

const BACK_WITHIN_MS = 10_000;

export const f09DatabaseRestarts = defineScenario({
  id: 'F9',
  title: "immediate shutdown and restart of a service's Postgres in mid-load",
  transports: BOTH,
  inTests: [],
  quick: { rounds: 1 },
  full: { rounds: 5 },
  expected: 'pools connect again within 10 s',
  async run({ openRig, parameters }) {
    const rig = await openRig();
    const problems: string[] = [];
    const notes: string[] = [];
    rig.startRelay();
    rig.startConsumer();
    const producer = rig.startProducer();
    const outcome = await underLoad(rig, {
      producer,
      settleWithin: 60_000,
      async fault() {
        for (let round = 0; round < parameters.rounds; round += 1) {
          for (const whose of ['producer', 'consumer'] as const) {
            await wait(500);
            await rig[whose].crash();
            await rig[whose].start();
            const took = await timeToEffect(rig, { within: 60_000 }).catch(() => Infinity);
            notes.push(`of the ${whose}: events flow ${seconds(took)} after it accepts connections`);
            if (took > BACK_WITHIN_MS) problems.push(`of the ${whose}: events flow only after ${seconds(took)}`);
          }
        }
      },
    });
    return figuresOf(outcome, {
      done: `${2 * parameters.rounds} restarts, ${outcome.producer.failed} writes failed`,
      problems,
      notes,
    });
  },
});

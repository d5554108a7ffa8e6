import { setTimeout as wait } from 'node:timers/promises';
import { countRows } from './ledger.js';
import type { KeptProcess } from './rig/kept-process.js';
import { BOTH, defineScenario } from './scenario.js';
import { figuresOf, underLoad, until } from './under-load.js';

const LEAST_OF_CALM = 0.3;

export const f17RebalanceStorm = defineScenario({
  id: 'F17',
  title: 'a member joins or leaves the group all the time',
  transports: BOTH,
  inTests: [],
  quick: { calmMs: 3_000, everyMs: 2_500, changes: 3 },
  full: { calmMs: 15_000, everyMs: 5_000, changes: 24 },
  expected: 'throughput at least 0.3 of calm',
  async run({ openRig, parameters }) {
    const { calmMs, everyMs, changes } = parameters;
    const rig = await openRig();
    rig.startRelay();
    const inBatches = { inBatches: true, batchSize: 200 };
    rig.startConsumer(() => inBatches);
    // More than can be consumed: the consumer is what is measured.
    const producer = rig.startProducer({ rate: 3_000, perTransaction: 50, keys: 200 });
    const took = async (work: () => Promise<unknown>): Promise<number> => {
      const began = performance.now();
      const before = await countRows(rig.consumerUrl, 'effects');
      await work();
      return ((await countRows(rig.consumerUrl, 'effects')) - before) / ((performance.now() - began) / 1_000);
    };
    let calm = 0;
    let storm = 0;
    const outcome = await underLoad(rig, {
      producer,
      settleWithin: 300_000,
      async fault() {
        await until(
          'the first has joined',
          { within: 60_000 },
          async () => (await countRows(rig.consumerUrl, 'effects')) > 0,
        );
        calm = await took(() => wait(calmMs));
        storm = await took(async () => {
          let member: KeptProcess | undefined;
          for (let change = 0; change < changes; change += 1) {
            const due = performance.now() + everyMs;
            if (member === undefined) member = rig.startConsumer(() => inBatches);
            else {
              await member.stop();
              member = undefined;
            }
            await wait(Math.max(0, due - performance.now()));
          }
        });
      },
    });
    const ratio = storm / calm;
    return figuresOf(outcome, {
      done: `${changes} changes, one every ${everyMs / 1_000} s`,
      problems: !(ratio >= LEAST_OF_CALM) || calm === 0 ? [`throughput was ${ratio.toFixed(2)} of calm`] : [],
      notes: [`${Math.round(calm)} events/s calm, ${Math.round(storm)} in the storm: ${ratio.toFixed(2)}`],
    });
  },
});

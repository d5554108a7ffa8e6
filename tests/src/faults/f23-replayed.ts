import { seconds } from './progress.js';
import { BOTH, defineScenario } from './scenario.js';
import { figuresOf, underLoad } from './under-load.js';
import { settle } from './ledger.js';

export const f23Replayed = defineScenario({
  id: 'F23',
  title: 'all old events replayed into a live group',
  transports: BOTH,
  inTests: [],
  quick: { events: 10_000 },
  full: { events: 100_000 },
  expected: 'no new effect; new events go on meanwhile',
  async run({ openRig, parameters }) {
    const rig = await openRig();
    rig.startRelay();
    rig.startConsumer(() => ({ inBatches: true, batchSize: 500 }));
    const old = rig.startProducer({ rate: 0, perTransaction: 500, count: parameters.events, keyPrefix: 'old' });
    await old.finished;
    if ((await settle(rig, { within: 300_000 })) === null) throw new Error('the old events did not take effect');
    await old.stop();
    const producer = rig.startProducer({ rate: 100 });
    let replayed = 0;
    let tookMs = 0;
    const outcome = await underLoad(rig, {
      producer,
      settleWithin: 60_000,
      async fault() {
        const began = performance.now();
        const member = rig.startConsumer(() => ({ replayFrom: 'beginning', inBatches: true, batchSize: 500 }));
        replayed = await member.replayed;
        tookMs = performance.now() - began;
      },
    });
    return figuresOf(outcome, {
      done: `${replayed.toLocaleString('en')} replayed in ${seconds(tookMs)}`,
      problems: replayed < parameters.events ? [`only ${replayed} of ${parameters.events} were replayed`] : [],
    });
  },
});

import { BOTH, defineScenario } from './scenario.js';
import { figuresOf, underLoad, until } from './under-load.js';

export const f01RelayKilled = defineScenario({
  id: 'F1',
  title: 'relay killed between append and delete',
  transports: BOTH,
  inTests: BOTH,
  quick: { kills: 3 },
  full: { kills: 15 },
  expected: 'the batch is sent again; another relay goes on',
  async run({ openRig, parameters, random }) {
    const rig = await openRig();
    const relay = rig.startRelay((incarnation) => ({
      hooks: incarnation < parameters.kills ? { dieAfterAppend: random.between(2, 8) } : {},
    }));
    rig.startConsumer();
    const producer = rig.startProducer();
    const outcome = await underLoad(rig, {
      producer,
      settleWithin: 60_000,
      fault: async () => void (await until('kills', { within: 120_000 }, () => relay.deaths() >= parameters.kills)),
    });
    return figuresOf(outcome, { done: `${relay.deaths()} kills` });
  },
});

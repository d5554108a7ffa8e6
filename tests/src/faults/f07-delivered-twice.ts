import { BOTH, defineScenario } from './scenario.js';
import { figuresOf, underLoad } from './under-load.js';

export const f07DeliveredTwice = defineScenario({
  id: 'F7',
  title: 'every batch appended twice and delivered twice',
  transports: BOTH,
  inTests: ['postgres'],
  quick: { events: 300 },
  full: { events: 10_000 },
  expected: 'one effect each',
  async run({ openRig, parameters }) {
    const rig = await openRig();
    rig.startRelay(() => ({ hooks: { appendTwice: true } }));
    rig.startConsumer(() => ({ hooks: { deliverTwice: true } }));
    const producer = rig.startProducer({ count: parameters.events });
    const outcome = await underLoad(rig, { producer, settleWithin: 60_000, fault: () => producer.finished });
    return figuresOf(outcome, { done: 'all of them twice' });
  },
});

import { killConsumers } from './kill-consumers.js';
import { BOTH, defineScenario } from './scenario.js';

export const f03ConsumerKilledInTransaction = defineScenario({
  id: 'F3',
  title: 'consumer killed in the middle of a transaction',
  transports: BOTH,
  inTests: ['postgres'],
  quick: { kills: 1, rate: 400 },
  full: { kills: 10, rate: 400 },
  expected: 'nothing of the transaction remains; delivered again',
  run: (context) => killConsumers(context, (at) => ({ dieInHandler: at * 5 })),
});

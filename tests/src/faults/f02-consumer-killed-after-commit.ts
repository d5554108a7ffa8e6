import { killConsumers } from './kill-consumers.js';
import { BOTH, defineScenario } from './scenario.js';

export const f02ConsumerKilledAfterCommit = defineScenario({
  id: 'F2',
  title: 'consumer killed after its commit, before the offset',
  transports: BOTH,
  inTests: BOTH,
  quick: { kills: 1, rate: 400 },
  full: { kills: 10, rate: 400 },
  expected: 'delivered again, no second effect; recovery takes the session timeout',
  run: (context) => killConsumers(context, (at) => ({ dieAfterCommit: Math.ceil(at / 4) })),
});

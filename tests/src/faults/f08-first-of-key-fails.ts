import { BOTH, defineScenario } from './scenario.js';
import type { FaultContext } from './scenario.js';
import { figuresOf, underLoad } from './under-load.js';
import type { Outcome } from './under-load.js';

export const f08FirstOfKeyFails = defineScenario({
  id: 'F8',
  title: 'an event fails three times while later ones of its key arrive',
  transports: BOTH,
  inTests: ['postgres'],
  quick: { events: 300, baseMs: 150 },
  full: { events: 10_000, baseMs: 500 },
  expected: "ordering 'key': order kept; 'none': the others pass",
  async run(context) {
    const ordered = await runOrdering(context, 'key');
    const free = await runOrdering(context, 'none');
    const overtaken = free.ledger.disordered;
    return figuresOf(
      { ...ordered, problems: [...ordered.problems, ...free.problems] },
      {
        done: `and ${free.ledger.sent.toLocaleString('en')} with ordering 'none', 1 in 40 fails three times`,
        problems: [
          ...(free.ledger.lost + free.ledger.doubled > 0
            ? [`ordering 'none': ${free.ledger.lost} lost, ${free.ledger.doubled} doubled`]
            : []),
          ...(overtaken === 0 ? ["ordering 'none': no event passed one that failed"] : []),
        ],
        notes: [`ordering 'none': ${overtaken} effects after one that came later`],
      },
    );
  },
});

async function runOrdering(
  { openRig, parameters }: FaultContext<{ events: number; baseMs: number }>,
  ordering: 'key' | 'none',
): Promise<Outcome> {
  const rig = await openRig();
  rig.startRelay();
  rig.startConsumer(() => ({ ordering, retry: { maxAttempts: 8, baseMs: parameters.baseMs } }));
  const producer = rig.startProducer({ failThreeEvery: 40, keys: 12, count: parameters.events });
  return underLoad(rig, { producer, settleWithin: 90_000, fault: () => producer.finished });
}

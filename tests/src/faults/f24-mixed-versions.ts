import { setTimeout as wait } from 'node:timers/promises';
import { timeToEffect } from './progress.js';
import { query } from './rig/postgres-server.js';
import { BOTH, defineScenario } from './scenario.js';
import { figuresOf, underLoad } from './under-load.js';

export const f24MixedVersions = defineScenario({
  id: 'F24',
  title: 'producers and consumers of two versions of an event at the same time',
  transports: BOTH,
  inTests: ['kafka'],
  quick: { forMs: 1_500 },
  full: { forMs: 20_000 },
  expected:
    'a consumer that does not know the new version parks it, the next one takes it; the old one is upcast; none dead',
  async run({ openRig, parameters }) {
    const rig = await openRig();
    rig.startRelay();
    const before = rig.startConsumer(() => ({ version: 1, retry: { maxAttempts: 2, baseMs: 200 } }));
    const producer = rig.startProducer({ rate: 200, version: 1, keyPrefix: 'v1' });
    const newer = rig.startProducer({ rate: 50, version: 2, keyPrefix: 'v2', keys: 8 });
    let parked = 0;
    let dead = 0;
    const outcome = await underLoad(rig, {
      producer,
      settleWithin: 120_000,
      async fault() {
        await timeToEffect(rig, { within: 60_000 });
        await wait(parameters.forMs);
        const [row] = await query<{ parked: number; dead: number }>(
          rig.consumerUrl,
          `SELECT count(*) FILTER (WHERE state = 'retry')::int AS parked, count(*) FILTER (WHERE state = 'dead')::int AS dead
           FROM parked_events WHERE grp = $1`,
          [rig.group],
        );
        ({ parked = 0, dead = 0 } = row ?? {});
        await before.stop();
        rig.startConsumer(() => ({ version: 2, retry: { maxAttempts: 2, baseMs: 200 } }));
        await timeToEffect(rig, { within: 60_000 });
        await newer.stop();
      },
    });
    return figuresOf(outcome, {
      done: `${parked} of the new version parked by the old consumer, ${dead} dead`,
      problems: [
        ...(parked === 0 ? ['the old consumer parked nothing: the fault did not take place'] : []),
        ...(dead > 0 ? [`${dead} events died`] : []),
      ],
    });
  },
});

import { setTimeout as wait } from 'node:timers/promises';
import { publish } from '@orion/platform/events';
import { countedOn } from './counted-event.js';
import { openProducerDatabase } from './process/databases.js';
import { seconds, timeToEffect } from './progress.js';
import { BOTH, defineScenario } from './scenario.js';
import { figuresOf, underLoad } from './under-load.js';

export const f11LateCommit = defineScenario({
  id: 'F11',
  title: 'a transaction that published first commits last',
  transports: BOTH,
  inTests: ['postgres'],
  quick: { holdMs: 2_000, late: 5 },
  full: { holdMs: 5_000, late: 50 },
  expected: 'no reader passes over it; the others do not wait',
  async run({ openRig, parameters }) {
    const rig = await openRig();
    rig.startRelay();
    rig.startConsumer();
    const producer = rig.startProducer();
    const dataSource = await openProducerDatabase(rig.producerUrl, { poolSize: parameters.late });
    let meanwhile = 0;
    const commitLate = (index: number): Promise<void> =>
      dataSource.transaction(async (manager) => {
        const data = { counterId: `late-${index}`, n: 1, fail: 0, padding: '' };
        const [envelope] = await publish(manager, [countedOn(rig.topic).of(data)]);
        await manager.query('INSERT INTO sent (event_id, key, n, fail) VALUES ($1, $2, 1, 0)', [
          envelope?.id,
          data.counterId,
        ]);
        await wait(parameters.holdMs);
      });
    const outcome = await underLoad(rig, {
      producer,
      settleWithin: 60_000,
      async fault() {
        await timeToEffect(rig, { within: 60_000 });
        const late = Promise.all(Array.from({ length: parameters.late }, (_, index) => commitLate(index)));
        await wait(100);
        meanwhile = await timeToEffect(rig, { within: parameters.holdMs }).catch(() => Infinity);
        await late;
      },
    });
    await dataSource.destroy();
    return figuresOf(outcome, {
      done: `${parameters.late} held open ${seconds(parameters.holdMs)}`,
      problems: meanwhile === Infinity ? ['the others waited for the one that was open'] : [],
      notes: [`meanwhile an event took effect after ${seconds(meanwhile)}`],
    });
  },
});

import { setTimeout as wait } from 'node:timers/promises';
import { seconds, timeToEffect } from './progress.js';
import { BOTH, defineScenario } from './scenario.js';
import { figuresOf, underLoad } from './under-load.js';

export const f16SplitBrain = defineScenario({
  id: 'F16',
  title: 'the active relay and a consumer stopped (SIGSTOP) beyond the takeover, then continued',
  transports: BOTH,
  inTests: [],
  quick: { stopMs: 19_000, rounds: 1 },
  full: { stopMs: 60_000, rounds: 2 },
  expected: 'others take over within 30 s; those that wake up deliver duplicates at the most',
  async run({ openRig, parameters }) {
    const rig = await openRig();
    const problems: string[] = [];
    const notes: string[] = [];
    const relays = [rig.startRelay()];
    const consumers = [rig.startConsumer()];
    const producer = rig.startProducer();
    const outcome = await underLoad(rig, {
      producer,
      settleWithin: 90_000,
      async fault() {
        await timeToEffect(rig, { within: 60_000 });
        // Those that came first are active.
        relays.push(rig.startRelay());
        consumers.push(rig.startConsumer());
        await Promise.all(rig.running().map((one) => one.ready()));
        for (let round = 0; round < parameters.rounds; round += 1) {
          const stopped = [relays[round % 2], consumers[round % 2]];
          for (const one of stopped) one?.signal('SIGSTOP');
          const began = performance.now();
          const took = await timeToEffect(rig, { within: 90_000 }).catch(() => Infinity);
          notes.push(`taken over after ${seconds(took)}`);
          if (took > 30_000) problems.push(`taken over only after ${seconds(took)}`);
          await wait(Math.max(1_000, parameters.stopMs - (performance.now() - began)));
          for (const one of stopped) one?.signal('SIGCONT');
          await timeToEffect(rig, { within: 60_000 });
          await wait(1_000);
        }
      },
    });
    return figuresOf(outcome, { done: `${parameters.rounds} x stopped and continued`, problems, notes });
  },
});

import type { Hooks } from './process/plan.js';
import type { KeptProcess } from './rig/kept-process.js';
import type { FaultContext, Figures } from './scenario.js';
import { figuresOf, underLoad, until } from './under-load.js';

/** Two members of a group, each of which dies as often as wanted where the hook says; `at` is small and random. */
export async function killConsumers(
  { openRig, parameters, random }: FaultContext<{ kills: number; rate: number }>,
  hooksAt: (at: number) => Hooks,
): Promise<Figures> {
  const rig = await openRig();
  const { kills, rate } = parameters;
  rig.startRelay();
  // Both are armed: of the embedded transport only one reads, and the other gets its turn when that one dies.
  const planOf = () => ({ hooks: deaths() < kills ? hooksAt(random.between(4, 20)) : {} });
  const members: KeptProcess[] = [];
  const deaths = () => members.reduce((sum, member) => sum + member.deaths(), 0);
  members.push(rig.startConsumer(planOf), rig.startConsumer(planOf));
  const producer = rig.startProducer({ rate });
  const outcome = await underLoad(rig, {
    producer,
    settleWithin: 90_000,
    fault: async () => void (await until('kills', { within: 300_000 }, () => deaths() >= kills)),
  });
  return figuresOf(outcome, { done: `${deaths()} kills` });
}

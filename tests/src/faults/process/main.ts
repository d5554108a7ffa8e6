import type { ProcessPlan } from './plan.js';
import { runConsumer } from './consumer.js';
import { runProducer } from './producer.js';
import { runRelay } from './relay.js';

/** A process of the fault rows: plays the part in its argument until it is told to stop, or dies where the plan says. */
const plan = JSON.parse(process.argv[2] ?? '') as ProcessPlan;
const stop = await play(plan);
process.once('message', () => {
  void stop().then(() => process.exit(0));
});
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.send?.({ type: 'ready' });

function play(part: ProcessPlan): Promise<() => Promise<void>> {
  switch (part.role) {
    case 'producer':
      return runProducer(part);
    case 'relay':
      return runRelay(part);
    case 'consumer':
      return runConsumer(part);
    default:
      throw new Error(`no such part: ${JSON.stringify(part satisfies never)}`);
  }
}

import { setTimeout as wait } from 'node:timers/promises';
import type { Hooks } from './process/plan.js';
import type { Random } from './random.js';
import type { Rig } from './rig/rig.js';
import type { FaultContext, Figures } from './scenario.js';
import { figuresOf, underLoad } from './under-load.js';

const RATE = 200;
const SETTLE_MS = 240_000;

/** A fault of the soak; resolves when it is over. */
type Fault = (rig: Rig, random: Random) => Promise<void>;

const faults: Readonly<Record<string, Fault>> = {
  'F1 relay killed': (rig, random) => killOne(rig, random, 'relay'),
  'F2/F3 consumer killed': (rig, random) => killOne(rig, random, 'consumer'),
  'F4 broker stopped': async ({ broker }, random) => {
    await broker.freeze();
    await wait(random.between(1_000, 8_000));
    await broker.thaw();
  },
  'F4 broker killed': async ({ broker }, random) => {
    await broker.crash();
    await wait(random.between(0, 5_000));
    await broker.start();
  },
  'F5 connections reset': async ({ broker }) => broker.proxy.reset(),
  'F5 latency': async ({ broker }, random) => {
    broker.proxy.setLatency(random.between(50, 400));
    await wait(random.between(2_000, 6_000));
    broker.proxy.setLatency(0);
  },
  'F5 half open': async ({ broker }) => void broker.proxy.forgetConnections(),
  'F9 producer database restarted': async ({ producer }) => {
    await producer.crash();
    await producer.start();
  },
  'F9 consumer database restarted': async ({ consumer }) => {
    await consumer.crash();
    await consumer.start();
  },
  'F16 process stopped for a while': async (rig, random) => {
    const victim = random.pick(rig.running().filter(({ name }) => !name.startsWith('producer')));
    const pid = victim.pid();
    victim.signal('SIGSTOP');
    await wait(random.between(1_000, 20_000));
    if (victim.pid() === pid) victim.signal('SIGCONT');
  },
};

/**
 * Random faults, one every 5 to 15 seconds, for so many minutes under a steady load with poison in it (F6), events that
 * fail at first (F8), batches delivered twice (F7), and processes that die at random calls (F1, F2, F3).
 */
export async function soak(
  { openRig, random }: FaultContext,
  { minutes }: { readonly minutes: number },
): Promise<Figures> {
  const rig = await openRig({ proxied: true });
  const relays = [1, 2].map(() => rig.startRelay(() => ({ hooks: relayHooks(random) })));
  const consumers = [1, 2].map(() =>
    rig.startConsumer(() => ({ hooks: consumerHooks(random), retry: { maxAttempts: 6, baseMs: 100 } })),
  );
  const producer = rig.startProducer({ rate: RATE, poisonEvery: 997, failThreeEvery: 211, keys: 60 });
  const counts = new Map<string, number>();
  const outcome = await underLoad(rig, {
    producer,
    settleWithin: SETTLE_MS,
    async fault() {
      const end = performance.now() + minutes * 60_000;
      while (performance.now() < end) {
        await wait(random.between(5_000, 15_000));
        const name = random.pick(Object.keys(faults));
        console.log(`  ${new Date().toISOString()} ${name}`);
        await faults[name]?.(rig, random);
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    },
  });
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const deaths = (processes: readonly { deaths(): number }[]) => processes.reduce((sum, one) => sum + one.deaths(), 0);
  return figuresOf(outcome, {
    done: `${total} faults, ${deaths(relays)} relays and ${deaths(consumers)} consumers died, ${outcome.ledger.poison} poison`,
    notes: [
      [...counts].map(([name, count]) => `${name} ${count}`).join(', '),
      `${outcome.producer.failed} writes failed (their database was away), longest pause of a writer ${outcome.producer.longestPauseMs} ms`,
    ],
  });
}

async function killOne(rig: Rig, random: Random, role: string): Promise<void> {
  await random.pick(rig.running().filter(({ name }) => name.startsWith(role))).kill();
}

/** Half of the incarnations die by themselves in the course of time. */
function relayHooks(random: Random): Hooks {
  const appendTwice = random.next() < 0.3;
  return random.next() < 0.5 ? { appendTwice, dieAfterAppend: random.between(20, 600) } : { appendTwice };
}

function consumerHooks(random: Random): Hooks {
  const deliverTwice = random.next() < 0.3;
  const fate = random.next();
  if (fate < 0.25) return { deliverTwice, dieAfterCommit: random.between(20, 600) };
  if (fate < 0.5) return { deliverTwice, dieInHandler: random.between(100, 4_000) };
  return { deliverTwice };
}

import { setTimeout as wait } from 'node:timers/promises';
import { seconds, timeToEffect } from './progress.js';
import { query } from './rig/postgres-server.js';
import type { Rig } from './rig/rig.js';
import { BOTH, defineScenario } from './scenario.js';
import type { FaultContext, Figures } from './scenario.js';
import { figuresOf, underLoad } from './under-load.js';

const MORE_THAN_ANY_LAG_MS = 120_000;

interface Sizes extends Record<string, number> {
  readonly windowMs: number;
}

/**
 * What a restore loses is what was committed after the backup, in that one database. Whose database it was decides what
 * that means, and three runs show it.
 */
export const f10RestoredFromBackup = defineScenario<{ windowMs: number }>({
  id: 'F10',
  title: 'a database comes back from a base backup some seconds old',
  transports: BOTH,
  inTests: [],
  quick: { windowMs: 1_500 },
  full: { windowMs: 5_000 },
  expected: 'consumers ahead of their producer go on; a consumer is healed by a replay; nothing doubled',
  async run(context) {
    const runs = [await restoreProducer(context), await restoreConsumer(context)];
    if (context.transport === 'postgres') runs.push(await restoreBus(context));
    return {
      done: runs.map(({ done }) => done).join('; '),
      lost: runs.reduce((sum, { lost }) => sum + lost, 0),
      doubled: runs.reduce((sum, { doubled }) => sum + doubled, 0),
      disordered: runs.reduce((sum, { disordered }) => sum + disordered, 0),
      recoveryMs: Math.max(...runs.map(({ recoveryMs }) => recoveryMs ?? Infinity)),
      problems: runs.flatMap(({ problems }) => problems),
      notes: runs.flatMap(({ notes = [] }) => notes),
    };
  },
});

/** The producer forgets transactions whose events others know already. */
async function restoreProducer({ openRig, parameters }: FaultContext<Sizes>): Promise<Figures> {
  const rig = await openRig();
  rig.startRelay();
  rig.startConsumer();
  const producer = rig.startProducer();
  const outcome = await underLoad(rig, {
    producer,
    settleWithin: 60_000,
    producerForgets: true,
    async fault() {
      await timeToEffect(rig, { within: 60_000 });
      await rig.producer.backUp();
      await wait(parameters.windowMs);
      await rig.producer.restore();
      await timeToEffect(rig, { within: 60_000 });
    },
  });
  const { unknown, sent } = outcome.ledger;
  const forgotten = outcome.producer.committed - sent;
  return figuresOf(outcome, {
    done: 'producer restored',
    problems: unknown > 0 ? [] : ['no consumer was ahead: the fault did not take place'],
    notes: [
      `producer restored: ${forgotten} committed transactions are lost with their rows (backup ${seconds(parameters.windowMs)} old); ${unknown} of their events had left and have taken effect at the consumer, ${forgotten - unknown} left no trace`,
    ],
  });
}

/** The log has moved on past what the consumer has forgotten: only a replay brings it back. */
async function restoreConsumer({ openRig, parameters }: FaultContext<Sizes>): Promise<Figures> {
  const rig = await openRig();
  rig.startRelay();
  const consumer = rig.startConsumer();
  const producer = rig.startProducer();
  let missing = 0;
  const outcome = await underLoad(rig, {
    producer,
    settleWithin: 90_000,
    async fault() {
      await timeToEffect(rig, { within: 60_000 });
      const backedUpAt = new Date();
      await rig.consumer.backUp();
      await wait(parameters.windowMs);
      await rig.consumer.restore();
      await timeToEffect(rig, { within: 60_000 });
      missing = await countMissing(rig, backedUpAt);
      await consumer.stop();
      // Earlier than the backup by more than any lag there was: what the inbox knows is passed over.
      const from = new Date(backedUpAt.getTime() - MORE_THAN_ANY_LAG_MS).toISOString();
      const healing = rig.startConsumer(() => ({ replayFrom: { time: from } }));
      await healing.replayed;
    },
  });
  return {
    ...figuresOf(outcome, {
      done: 'consumer restored and replayed',
      problems: missing > 0 ? [] : ['nothing was missing: the fault did not take place'],
      notes: [
        `consumer restored: ${missing} effects of the last ${seconds(parameters.windowMs)} were gone, and the group's place in the log had passed their events; a replay from the time of the backup brought all back, ${outcome.ledger.disordered} of them after later ones of their key`,
      ],
    }),
    // A gap that is filled afterwards is filled out of order. Whoever needs the order sets the group back instead.
    disordered: 0,
  };
}

/** The log forgets what no outbox has any more. What the group had not taken by then is lost; what follows is not. */
async function restoreBus({ openRig, parameters }: FaultContext<Sizes>): Promise<Figures> {
  const rig = await openRig();
  rig.startRelay();
  rig.startConsumer();
  const producer = rig.startProducer();
  const outcome = await underLoad(rig, {
    producer,
    // What the log has forgotten keeps the ledger from settling.
    settleWithin: 10_000,
    async fault() {
      await timeToEffect(rig, { within: 60_000 });
      await rig.broker.backUp();
      await wait(parameters.windowMs);
      await rig.broker.restore();
      await timeToEffect(rig, { within: 60_000 });
    },
  });
  const missing = await query<{ event_id: string }>(
    rig.consumerUrl,
    `SELECT event_id FROM sent_copy WHERE NOT EXISTS (SELECT 1 FROM effects WHERE effects.event_id = sent_copy.event_id)`,
  );
  const ids = missing.map(({ event_id }) => event_id);
  // What the log holds was passed over, and that must not be; what it does not hold is what the restore has lost.
  const passedOver = await query(busUrlOf(rig), 'SELECT 1 FROM log WHERE id = ANY($1::uuid[])', [ids]);
  const forgotten = ids.length - passedOver.length;
  return {
    ...figuresOf(outcome, { done: 'bus restored' }),
    lost: passedOver.length,
    recoveryMs: 0,
    problems: outcome.problems.filter((problem) => forgotten === 0 || !problem.startsWith('not settled')),
    notes: [
      `bus restored: ${forgotten} events are lost, which had left the outbox in the ${seconds(parameters.windowMs)} before and were not taken yet; of those in the log ${passedOver.length} were passed over`,
    ],
  };
}

function busUrlOf({ transportPlan }: Rig): string {
  if (transportPlan.kind !== 'postgres') throw new Error('no bus database');
  return transportPlan.busUrl;
}

async function countMissing({ producerUrl, consumerUrl }: Rig, since: Date): Promise<number> {
  // What was sent in the last moments is still on its way.
  const sent = await query<{ event_id: string }>(
    producerUrl,
    `SELECT event_id FROM sent WHERE at > $1 AND at < now() - interval '1 s'`,
    [since],
  );
  const [row] = await query<{ n: number }>(
    consumerUrl,
    'SELECT count(*)::int AS n FROM unnest($1::uuid[]) AS sent (id) WHERE NOT EXISTS (SELECT 1 FROM effects WHERE event_id = id)',
    [sent.map(({ event_id }) => event_id)],
  );
  return row?.n ?? 0;
}

import { setTimeout as wait } from 'node:timers/promises';
import { countRows } from './ledger.js';
import { seconds, timeToEffect } from './progress.js';
import { BOTH, defineScenario } from './scenario.js';
import { figuresOf, underLoad, until } from './under-load.js';

/** A pause of a writer that nobody would call an outage, on a busy machine. */
const WRITES_GO_ON_MS = 2_000;
const DRAINED_WITHIN_MS = 30_000;
/** What is always on its way under this load. */
const FEW_ROWS = 100;

export const f04BrokerDown = defineScenario({
  id: 'F4',
  title: 'broker stopped (SIGSTOP), then killed and started again',
  transports: BOTH,
  inTests: ['kafka'],
  quick: { downMs: 2_500 },
  full: { downMs: 60_000 },
  expected: 'writes go on, the outbox rises, drained within 30 s of the return',
  async run({ openRig, parameters }) {
    const rig = await openRig();
    const { broker, producerUrl } = rig;
    const problems: string[] = [];
    const notes: string[] = [];
    rig.startRelay();
    rig.startConsumer();
    const producer = rig.startProducer();

    async function away(how: string, fault: { leave(): Promise<void>; comeBack(): Promise<void> }): Promise<void> {
      await fault.leave();
      await wait(parameters.downMs);
      const depth = await countRows(producerUrl, 'outbox');
      if (depth < FEW_ROWS) problems.push(`${how}: the outbox held only ${depth} rows while the broker was away`);
      await fault.comeBack();
      const drained = await until('the outbox is drained', { within: 2 * DRAINED_WITHIN_MS }, async () => {
        return (await countRows(producerUrl, 'outbox')) < FEW_ROWS;
      });
      if (drained > DRAINED_WITHIN_MS) problems.push(`${how}: drained only after ${seconds(drained)}`);
      const flow = await timeToEffect(rig, { within: 120_000 });
      notes.push(
        `${how}: outbox rose to ${depth} rows, drained in ${seconds(drained)}, a new event took effect after ${seconds(drained + flow)}`,
      );
    }

    const outcome = await underLoad(rig, {
      producer,
      settleWithin: 60_000,
      async fault() {
        await wait(1_000);
        await away('stopped', { leave: () => broker.freeze(), comeBack: () => broker.thaw() });
        await away('killed', { leave: () => broker.crash(), comeBack: () => broker.start() });
      },
    });
    const { longestPauseMs, failed } = outcome.producer;
    if (longestPauseMs > WRITES_GO_ON_MS) problems.push(`a writer waited ${seconds(longestPauseMs)}`);
    if (failed > 0) problems.push(`${failed} writes failed`);
    return figuresOf(outcome, { done: `2 outages of ${seconds(parameters.downMs)}`, problems, notes });
  },
});

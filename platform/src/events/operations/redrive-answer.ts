import type { EntityManager } from 'typeorm';
import { deadLetterSettled } from '../../event-contracts/index.js';
import { runCausedBy } from '../causation.js';
import type { ClaimedEvent } from '../consuming/claim-parked.js';
import type { Processing } from '../consuming/event-processing.js';
import { publish } from '../publishing/outbox.js';
import type { Redrive, Settlement } from './settle-parked.js';

/** Tells what became of dead events, in the transaction that made it so and under the command as cause. */
export async function announceSettlements(
  manager: EntityManager,
  { service, group }: Pick<Processing, 'service' | 'group'>,
  { settlements, requestedById }: { readonly settlements: readonly Settlement[] } & Pick<Redrive, 'requestedById'>,
): Promise<void> {
  const [{ now }]: [{ now: Date }] = await manager.query('SELECT now() AS now');
  await publish(
    manager,
    settlements.map((settlement) =>
      deadLetterSettled.of({ ...settlement, service, group, requestedById, settledAt: now.toISOString() }),
    ),
  );
}

/** Tells that an event which an operator drove again took effect; of others there is nothing to tell. */
export async function announceProcessed(
  manager: EntityManager,
  processing: Pick<Processing, 'service' | 'group'>,
  { envelope, redrive }: Pick<ClaimedEvent, 'envelope' | 'redrive'>,
): Promise<void> {
  if (redrive === null) return;
  const settlements: readonly Settlement[] = [{ eventId: envelope.id, outcome: 'processed', reason: null }];
  const { cause, requestedById } = redrive;
  await runCausedBy(cause, () => announceSettlements(manager, processing, { settlements, requestedById }));
}

import { createEventBackbone, on, route } from '@orion/platform/events';
import type { EventEnvelope, EventHandler } from '@orion/platform/events';
import { createLogger } from '@orion/platform/log';
import { countedOn } from '../counted-event.js';
import type { Counted } from '../counted-event.js';
import { openConsumerDatabase } from './databases.js';
import { dieAt, openTransport } from './deadly-transport.js';
import type { ConsumerPlan } from './plan.js';

type Manager = Parameters<EventHandler>[1];

/** Where dead letters and audit events are announced. */
const NOTICE_TOPICS = ['orion.dlq', 'orion.audit'];

/** A service that consumes, whose effects are rows of the ledger. Returns how to stop it. */
export async function runConsumer(plan: ConsumerPlan): Promise<() => Promise<void>> {
  const dataSource = await openConsumerDatabase(plan.databaseUrl);
  const transport = openTransport(plan.transport, { hooks: plan.hooks, name: 'consumer' });
  const inHandler = dieAt(plan.hooks.dieInHandler);
  const contract = countedOn(plan.topic, plan.version);

  /** Throws when the event is to fail at this attempt. */
  async function attempt(event: EventEnvelope, { fail }: Counted): Promise<void> {
    if (fail === 0) return;
    // On a connection of its own: it stays when the transaction is rolled back.
    const [row]: readonly { readonly attempt: number }[] = await dataSource.query(
      `INSERT INTO attempts (event_id, attempt)
       SELECT $1, coalesce((SELECT max(attempt) FROM parked_events WHERE event_id = $1), 0) + 1 RETURNING attempt`,
      [event.id],
    );
    const number = row?.attempt ?? 1;
    if (fail < 0 || number <= fail) throw new Error(`fails on purpose: ${event.id}`);
  }

  const handle = route([
    on(contract, async (event, manager) => {
      await attempt(event, event.data);
      await recordEffects(manager, [event]);
      await inHandler();
    }),
  ]);
  const backbone = createEventBackbone({
    service: 'faults',
    dataSource,
    databaseUrl: plan.databaseUrl,
    transport,
    logger: createLogger('consumer', { level: 'info' }),
  });
  backbone.consume({
    group: plan.group,
    topics: [plan.topic],
    ordering: plan.ordering,
    batchSize: plan.batchSize,
    retry: plan.retry,
    handle: plan.inBatches
      ? Object.assign(handle, {
          batch: (events: readonly EventEnvelope[], manager: Manager) => recordEffects(manager, events),
        })
      : handle,
  });
  backbone.consume({
    group: `${plan.group}.notices`,
    topics: NOTICE_TOPICS,
    ordering: 'none',
    handle: async (event, manager) => {
      await manager.query('INSERT INTO notices (event_id, type, data) VALUES ($1, $2, $3)', [
        event.id,
        event.type,
        JSON.stringify(event.data),
      ]);
    },
  });
  await backbone.start();
  if (plan.replayFrom !== undefined) {
    const { replayFrom, group } = plan;
    const from = replayFrom === 'beginning' ? replayFrom : { time: new Date(replayFrom.time) };
    const { events } = await backbone.replay({ group, from });
    process.send?.({ type: 'replayed', events });
  }
  return async () => {
    await backbone.stop();
    await transport.close();
    await dataSource.destroy();
  };
}

async function recordEffects(manager: Manager, events: readonly EventEnvelope[]): Promise<void> {
  await manager.query(
    `INSERT INTO effects (event_id, key, n, pid) SELECT id, key, n, $4 FROM unnest($1::uuid[], $2::text[], $3::int[]) AS event (id, key, n)`,
    [
      events.map(({ id }) => id),
      events.map(({ key }) => key),
      events.map(({ data }) => (data as Counted).n),
      process.pid,
    ],
  );
}

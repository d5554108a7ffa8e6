import { createTransport } from '@orion/platform/events';
import { createLogger } from '@orion/platform/log';
import { Kafka, logLevel } from 'kafkajs';
import { countedOn } from './counted-event.js';
import type { Rig } from './rig/rig.js';

/** An event of somebody who does not keep the contract. */
export interface ForeignEvent {
  readonly id: string;
  /** Whether its data is JSON at all. */
  readonly isJson: boolean;
}

/** Puts events into the log that `publish` would have refused. */
export async function appendForeign(rig: Rig, events: readonly ForeignEvent[]): Promise<void> {
  const broken = events.filter(({ isJson }) => isJson);
  const { transportPlan: plan, topic } = rig;
  const { type, source } = countedOn(topic);
  const transport = createTransport({
    ...(plan.kind === 'postgres' ? { busDatabaseUrl: plan.busUrl } : { kafkaBrokers: plan.brokers }),
    clientId: 'foreign',
    logger: createLogger('foreign', { level: 'silent' }),
  });
  await transport.append(
    broken.map(({ id }) => ({
      id,
      type,
      source,
      topic,
      key: 'foreign',
      time: new Date().toISOString(),
      correlationId: id,
      causationId: id,
      actorId: null,
      traceparent: null,
      data: { counterId: 'foreign', n: 'one' },
    })),
  );
  await transport.close();
  if (plan.kind === 'kafka') await produceText(plan.brokers, { rig, events: events.filter(({ isJson }) => !isJson) });
}

async function produceText(
  brokers: string,
  { rig, events }: { readonly rig: Rig; readonly events: readonly ForeignEvent[] },
): Promise<void> {
  const producer = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.send({
    topic: rig.topic,
    messages: events.map(({ id }) => ({
      key: 'foreign',
      value: '{"counterId": "foreign", "n": ',
      headers: { ce_id: id, ce_type: countedOn(rig.topic).type, ce_source: '/foreign' },
    })),
  });
  await producer.disconnect();
}

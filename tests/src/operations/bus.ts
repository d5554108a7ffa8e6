import { userRegistered } from '@orion/platform/event-contracts';
import { createTransport } from '@orion/platform/events';
import type { EventEnvelope, EventTransport } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import { createLogger } from '@orion/platform/log';
import type { Platform } from '@orion/tools/platform';

/** The bus of a platform, whichever it runs on. The caller closes it. */
export function openBus(platform: Platform): EventTransport {
  const brokers = process.env['KAFKA_BROKERS'];
  return createTransport({
    ...(brokers === undefined
      ? { busDatabaseUrl: platform.databaseUrls['bus'] }
      : { kafkaBrokers: brokers.split(',') }),
    clientId: 'operations-test',
    logger: createLogger('test', { level: 'silent' }),
  });
}

/** What a producer with a bug tells of a registration: nobody who listens to registrations can process it. */
export function brokenRegistration(): EventEnvelope & { readonly data: Readonly<Record<string, unknown>> } {
  const id = uuidv7();
  const userId = uuidv7();
  return {
    id,
    type: userRegistered.type,
    source: userRegistered.source,
    topic: userRegistered.topic,
    key: userId,
    time: new Date().toISOString(),
    correlationId: id,
    causationId: id,
    actorId: null,
    traceparent: null,
    data: { userId, email: `${userId}@example.com`, displayName: 7, locale: 'en', verificationToken: null },
  };
}

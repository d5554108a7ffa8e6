import { createConditionLog } from '../../../log/index.js';
import type { EventEnvelope } from '../../envelope.js';
import type { EventTail, TailOptions } from '../transport.js';
import { UnsuitableBrokerError } from './kafka-broker-check.js';
import type { KafkaClient } from './kafka-client.js';
import { locateInKafka } from './kafka-offsets.js';
import { createProgress } from './kafka-progress.js';
import type { KafkaProgress } from './kafka-progress.js';
import { openKafkaReader } from './kafka-reader.js';
import { superviseKafkaSession } from './kafka-supervisor.js';
import { kafkaTopics } from './kafka-topics.js';

const CHUNK_SIZE = 500;

/**
 * Shows every event of `topics` to this process. Resolves when the place to start at is known, or, when no broker
 * answers, at once: then everything recorded from this moment on is shown later.
 */
export async function startKafkaTail(
  client: KafkaClient,
  topics: readonly string[],
  options: TailOptions & { readonly onFatal: (error: Error) => void },
): Promise<EventTail> {
  const { logger } = client;
  const wanted = kafkaTopics(client, topics);
  const subject = `event tail of ${wanted.text}`;
  const condition = createConditionLog(logger, subject);
  const calledAt = new Date();
  let progress: KafkaProgress | undefined;
  let located: readonly string[] = [];
  let showCaughtUp: () => void = () => undefined;
  const caughtUp = new Promise<void>((resolve) => (showCaughtUp = resolve));

  function show(event: EventEnvelope): void {
    try {
      options.onEvent(event);
    } catch (error) {
      logger.error({ err: error, eventId: event.id, type: event.type }, 'event tail: onEvent threw');
    }
  }

  async function locate(known: readonly string[], since: Date | undefined): Promise<KafkaProgress> {
    const places = await locateInKafka(client, known, since === undefined ? 'end' : { time: since });
    located = known;
    return createProgress(places);
  }

  function lookWhetherCaughtUp(): void {
    if (progress?.unfinished().length === 0) showCaughtUp();
  }

  try {
    await client.check();
    progress = await locate(await wanted.resolve(), options.since);
    lookWhetherCaughtUp();
  } catch (error) {
    if (error instanceof UnsuitableBrokerError) throw error;
    condition.fails(error);
  }
  const session = superviseKafkaSession(client, {
    subject,
    topics: wanted,
    onFatal: options.onFatal,
    open: async (self, known) => {
      progress ??= await locate(known, options.since ?? calledAt);
      // They came to be after the tail began, so all of them is later.
      const later = known.filter((topic) => !located.includes(topic));
      progress.add(await locateInKafka(client, later, 'beginning'));
      located = known;
      lookWhetherCaughtUp();
      return openKafkaReader(
        client,
        {
          role: 'tail',
          chunkSize: CHUNK_SIZE,
          progress,
          stopsAtEnd: false,
          onProgress: lookWhetherCaughtUp,
          take: (events) => {
            for (const event of events) {
              if (self.isStopped()) return Promise.resolve(false);
              show(event);
            }
            return Promise.resolve(true);
          },
        },
        { topics: known, self },
      );
    },
  });
  return { caughtUp, stop: session.stop };
}

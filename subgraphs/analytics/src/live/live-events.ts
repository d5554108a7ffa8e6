import type { EventEnvelope } from '@orion/platform/events';
import { createLiveChannel } from '@orion/platform/live';
import { storedEventOf } from '../ingest/stored-event.js';
import type { AnalyticsEvent } from './live-event.types.js';
import { onlyThose } from './only-those.js';

const EVERYBODY = 'everybody';

/** Shows events to those who listen in this process. */
export class LiveEvents {
  private readonly channel = createLiveChannel<AnalyticsEvent>();

  /** To be called with every event of the bus. */
  show(envelope: EventEnvelope): void {
    if (this.channel.size === 0) return;
    const { eventId, name, occurredAt, userId, properties } = storedEventOf(envelope);
    this.channel.publish(EVERYBODY, {
      id: eventId,
      name,
      occurredAt,
      user: userId === null ? null : { id: userId },
      properties,
    });
  }

  listen(names: readonly string[] | null): AsyncIterableIterator<AnalyticsEvent> {
    const all = this.channel.listen(EVERYBODY);
    return names === null ? all : onlyThose(all, ({ name }) => names.includes(name));
  }

  close(): void {
    this.channel.close();
  }
}

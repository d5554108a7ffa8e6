import { eventDeadLettered } from '../../event-contracts/index.js';
import { MAX_EVENT_BYTES } from '../contracts/contract.js';
import type { EventEnvelope } from '../envelope.js';
import { sealEvents } from '../publishing/pending-event.js';
import { sampleEvent } from '../testing/sample-event.js';
import { deadLetterNotice } from './dead-letter-notice.js';
import { describeError } from './parked-events.js';

const noticeOf = (event: EventEnvelope, error = 'it broke') =>
  deadLetterNotice({ service: 'user', group: 'user', attempts: 8, error, diedAt: new Date(0), event });

/** An event of exactly so many bytes. */
function eventOfSize(bytes: number): EventEnvelope {
  const event = { ...sampleEvent('orion.user', { key: 'k', n: 1 }), data: { text: '' } };
  return { ...event, data: { text: 'x'.repeat(bytes - Buffer.byteLength(JSON.stringify(event))) } };
}

describe('the notice of a dead event', () => {
  it('carries the event whole, and whatever its data is', () => {
    for (const data of [{ n: 1 }, 'not json \0', null, [1, { a: null }]]) {
      const event = { ...sampleEvent('orion.user', { key: 'k', n: 1 }), data };
      const [sealed] = sealEvents([noticeOf(event)]);
      expect(sealed?.envelope).toMatchObject({
        topic: 'orion.dlq',
        key: event.id,
        data: { service: 'user', group: 'user', attempts: 8, diedAt: '1970-01-01T00:00:00.000Z', event },
      });
    }
  });

  it('carries the largest event that can be published, with the worst error', () => {
    const event = eventOfSize(MAX_EVENT_BYTES);
    const [sealed] = sealEvents([noticeOf(event, describeError(new Error('\u0001'.repeat(10_000))))]);
    expect(sealed?.envelope.data).toMatchObject({ event });
    // What a Kafka broker takes by default.
    expect(Buffer.byteLength(sealed?.json ?? '')).toBeLessThan(1_000_000);
  });

  it('leaves out a foreign event that no message could carry, and says so', () => {
    for (const bytes of [eventDeadLettered.maxBytes - 1_000, eventDeadLettered.maxBytes, 2_000_000]) {
      const event = eventOfSize(bytes);
      const [sealed] = sealEvents([noticeOf(event, describeError(new Error('\u0001'.repeat(10_000))))]);
      expect(sealed?.envelope.data).toMatchObject({ eventId: event.id, eventType: event.type, eventTooLarge: true });
      expect(sealed?.envelope.data).not.toHaveProperty('event');
    }
  });

  it('can be made of an event that was recorded before there was a trace context, and of one without a type', () => {
    const { traceparent: _, ...old } = sampleEvent('orion.user', { key: 'k', n: 1 });
    const event = { ...old, type: '' };
    expect(sealEvents([noticeOf(event)])[0]?.envelope.data).toMatchObject({ eventType: 'unknown', event });
  });
});

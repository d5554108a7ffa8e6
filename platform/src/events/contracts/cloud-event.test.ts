import { CloudEvent, Kafka } from 'cloudevents';
import type { KafkaMessage } from 'cloudevents';
import fc from 'fast-check';
import type { EventEnvelope } from '../envelope.js';
import { anyEvent, foreign, receivedRecord } from '../testing/cloud-event-samples.js';
import { fromRecord, toRecord } from '../transport/kafka/kafka-record.js';

const PLACE = { partition: 2 };

const receive = (record: Parameters<typeof receivedRecord>[0], topic: string) =>
  fromRecord(receivedRecord(record), { topic, ...PLACE });

describe('CloudEvents on Kafka', () => {
  it('the SDK of CloudEvents reads our record as the same event', () => {
    fc.assert(
      fc.property(anyEvent(), (event) => {
        const read = Kafka.toEvent(toRecord(event) as KafkaMessage) as CloudEvent<unknown>;
        // Strict: throws for what the specification forbids.
        expect({ ...new CloudEvent({ ...read }) }).toMatchObject({
          specversion: '1.0',
          id: event.id,
          type: event.type,
          source: event.source,
          time: event.time,
          subject: event.key,
          datacontenttype: 'application/json',
          dataschema: `urn:orion:event:${event.type}`,
          partitionkey: event.key,
          correlationid: event.correlationId,
          causationid: event.causationId,
          authtype: event.actorId === null ? 'system' : 'user',
        });
        expect(read['authid'] ?? null).toBe(event.actorId);
        expect(read['traceparent'] ?? null).toBe(event.traceparent);
        expect(read.data).toEqual(event.data);
      }),
    );
  });

  it('we read our own record as the same event', () => {
    fc.assert(
      fc.property(anyEvent(), (event) => {
        expect(receive(toRecord(event), event.topic)).toEqual(event);
      }),
    );
  });

  it('we read what the SDK writes in binary mode as the same event', () => {
    fc.assert(
      fc.property(anyEvent(), (event) => {
        expect(receive(Kafka.binary(foreign(event)), event.topic)).toEqual(event);
      }),
    );
  });

  it('we read what the SDK writes in structured mode as the same event', () => {
    fc.assert(
      fc.property(anyEvent(), (event) => {
        expect(receive(Kafka.structured(foreign(event)), event.topic)).toEqual(event);
      }),
    );
  });

  const event = fc.sample(anyEvent(), { numRuns: 1, seed: 7 })[0] as EventEnvelope;

  it.each(['application/cloudevents+json; charset=utf-8', 'Application/CloudEvents+JSON'])(
    'knows structured mode by %s',
    (contentType) => {
      const record = Kafka.structured(foreign(event));
      expect(receive({ ...record, headers: { 'content-type': contentType } }, event.topic)).toEqual(event);
    },
  );

  it('reads JSON that travels in base64', () => {
    const { data, ...attributes } = JSON.parse(foreign(event).toString()) as Record<string, unknown>;
    const value = { ...attributes, data_base64: Buffer.from(JSON.stringify(data)).toString('base64') };
    const record = { key: event.key, value, headers: { 'content-type': 'application/cloudevents+json' } };
    expect(receive(record, event.topic)).toEqual(event);
  });

  it('keeps bytes that are no text in base64, in either mode', () => {
    const data = Uint8Array.of(0, 255, 254, 7);
    const binary = foreign(event, { datacontenttype: 'application/octet-stream', data });
    const kept = { ...event, data: Buffer.from(data).toString('base64') };
    expect(receive({ ...Kafka.binary(binary), value: data }, event.topic)).toEqual(kept);
    expect(receive(Kafka.structured(binary), event.topic)).toEqual(kept);
  });

  it('keeps text as text, also when it looks like JSON', () => {
    const text = foreign(event, { datacontenttype: 'text/plain', data: '17' });
    expect(receive(Kafka.binary(text), event.topic).data).toBe('17');
    expect(receive(Kafka.structured(text), event.topic).data).toBe('17');
  });

  it('reads JSON of a vendor', () => {
    const vendor = foreign(event, { datacontenttype: 'application/vnd.shop.order+json; charset=utf-8' });
    expect(receive(Kafka.binary(vendor), event.topic)).toEqual(event);
  });

  it('brings a time of another zone to UTC, and takes the time of the record for what is no time', () => {
    const at = (time: string) => receive({ headers: { ce_time: time } }, 'orion.user').time;
    expect(at('2026-03-01T12:00:00.5+02:00')).toBe('2026-03-01T10:00:00.500Z');
    expect(at('yesterday')).toBe(new Date(1_700_000_000_000).toISOString());
  });

  it('drops a malformed trace context and keeps the event', () => {
    const record = Kafka.binary(foreign({ ...event, traceparent: '00-nonsense' }));
    expect(receive(record, event.topic)).toEqual({ ...event, traceparent: null });
  });

  it.each([
    ['a structured event that is not JSON', '{"id": '],
    ['a structured event that is a list', '[]'],
    ['a structured event that is empty', ''],
  ])('makes an event of %s, which a consumer can park', (_, value) => {
    const read = receive({ value, headers: { 'content-type': 'application/cloudevents+json' } }, 'orion.user');
    expect(read).toMatchObject({ type: 'unknown', source: '/kafka/orion.user', key: 'orion.user/2/41' });
  });
});

import { CloudEvent } from 'cloudevents';
import fc from 'fast-check';
import type { KafkaMessage } from 'kafkajs';
import type { EventEnvelope } from '../envelope.js';

/** Text that a CloudEvents attribute may hold: any characters but control characters, halves of pairs and the like. */
const attribute = (): fc.Arbitrary<string> =>
  fc
    .string({ unit: 'binary', minLength: 1, maxLength: 40 })
    .map((text) => text.replaceAll(/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu, '\u{1F680}'));

const hex = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 15 }), { minLength: length - 1, maxLength: length - 1 })
    .map((digits) => `${digits.map((digit) => digit.toString(16)).join('')}1`);

const traceparent = (): fc.Arbitrary<string | null> =>
  fc.option(fc.tuple(hex(32), hex(16)).map(([trace, span]) => `00-${trace}-${span}-01`));

/** Any event that a contract could make: odd keys and ids, all of Unicode, nested data. */
export const anyEvent = (): fc.Arbitrary<EventEnvelope> =>
  fc.record<Required<EventEnvelope>>({
    id: fc.uuid(),
    type: fc.constantFrom('dev.orion.user.created.v1', 'dev.orion.thing.was_odd.v12'),
    source: fc.constantFrom('/subgraphs/user', '/subgraphs/odd-one'),
    topic: fc.constantFrom('orion.user', 'orion.system'),
    key: attribute(),
    time: fc
      .date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
      .map((date) => date.toISOString()),
    correlationId: attribute(),
    causationId: attribute(),
    actorId: fc.option(attribute()),
    traceparent: traceparent(),
    data: fc
      .dictionary(fc.string(), fc.jsonValue({ stringUnit: 'binary' }))
      // As JSON has it: no -0, and no property `__proto__` that would be one.
      .map((data) => JSON.parse(JSON.stringify(data)) as unknown),
  });

/** The event as another system has it: made with the SDK of the CloudEvents project. */
export function foreign(event: EventEnvelope, more: Partial<CloudEvent<unknown>> = {}): CloudEvent<unknown> {
  return new CloudEvent({
    id: event.id,
    type: event.type,
    source: event.source,
    time: event.time,
    subject: event.key,
    datacontenttype: 'application/json',
    partitionkey: event.key,
    correlationid: event.correlationId,
    causationid: event.causationId,
    ...(event.actorId === null ? {} : { authid: event.actorId }),
    ...(event.traceparent == null ? {} : { traceparent: event.traceparent }),
    data: event.data,
    ...more,
  });
}

/** A record as kafkajs gives it to a consumer: of bytes. Headers without a value are not sent. */
export function receivedRecord(record: {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}): KafkaMessage {
  const headers = Object.entries(record.headers ?? {}).filter(([, value]) => value !== undefined);
  return {
    key: bytesOf(record.key),
    value: bytesOf(record.value),
    timestamp: '1700000000000',
    attributes: 0,
    offset: '41',
    headers: Object.fromEntries(headers.map(([name, value]) => [name, bytesOf(value) ?? undefined])),
  };
}

function bytesOf(value: unknown): Buffer | null {
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array) return Buffer.from(value);
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

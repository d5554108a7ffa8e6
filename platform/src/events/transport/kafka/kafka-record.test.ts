import type { KafkaMessage } from 'kafkajs';
import { sampleEvent } from '../../testing/sample-event.js';
import { fromRecord, toRecord } from './kafka-record.js';

const PLACE = { topic: 'orion.user', partition: 2 };

/** A record as kafkajs gives it to a consumer. */
function received(parts: Partial<KafkaMessage>): KafkaMessage {
  return {
    key: null,
    value: null,
    timestamp: '1700000000000',
    attributes: 0,
    offset: '41',
    headers: {},
    ...parts,
  } as KafkaMessage;
}

describe('kafka record', () => {
  it.each([0, 1])('carries an event there and back (actor %s)', (n) => {
    const event = sampleEvent('orion.user', { key: 'u1', n });
    const record = toRecord(event);
    const headers = Object.fromEntries(
      Object.entries(record.headers ?? {}).map(([name, value]) => [name, Buffer.from(String(value))]),
    );
    const message = received({
      key: Buffer.from(String(record.key)),
      value: Buffer.from(String(record.value)),
      headers,
    });
    expect(fromRecord(message, PLACE)).toEqual(event);
  });

  it('is CloudEvents 1.0 in binary mode', () => {
    const event = sampleEvent('orion.user', { key: 'u1', n: 1 });
    expect(toRecord(event)).toMatchObject({
      key: 'u1',
      value: JSON.stringify(event.data),
      headers: {
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: event.id,
        ce_partitionkey: 'u1',
        ce_authid: 'user-1',
      },
    });
  });

  it('is read as it was written before there were a trace context and a name of the schema', () => {
    const { traceparent: _, ...old } = sampleEvent('orion.user', { key: 'u1', n: 1 });
    const record = toRecord(old);
    expect(record.headers).not.toHaveProperty('ce_traceparent');
    const { ce_dataschema: _schema, ...headers } = record.headers ?? {};
    const message = received({
      key: Buffer.from('u1'),
      value: Buffer.from(String(record.value)),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(String(value))])),
    });
    expect(fromRecord(message, PLACE)).toEqual({ ...old, traceparent: null });
  });

  it('makes an event of anything, with the same id every time', () => {
    const alien = received({ value: Buffer.from('not json \0') });
    const event = fromRecord(alien, PLACE);
    expect(event).toEqual(fromRecord(alien, PLACE));
    expect(event).toMatchObject({
      type: 'unknown',
      topic: 'orion.user',
      key: 'orion.user/2/41',
      data: 'not json \0',
      actorId: null,
    });
    expect(event.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('maps a foreign id by its source, which makes it unique', () => {
    const of = (source: string) =>
      fromRecord(received({ headers: { ce_id: Buffer.from('7'), ce_source: Buffer.from(source) } }), PLACE).id;
    expect(of('/a')).toBe(of('/a'));
    expect(of('/a')).not.toBe(of('/b'));
  });

  it('leaves out NUL where Postgres keeps text', () => {
    const event = fromRecord(received({ key: Buffer.from('a\0b'), headers: { ce_type: Buffer.from('t\0') } }), PLACE);
    expect(event).toMatchObject({ key: 'ab', type: 't' });
  });
});

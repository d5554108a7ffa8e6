import { createHash } from 'node:crypto';
import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import type { EventEnvelope } from './envelope.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The record of an event: CloudEvents 1.0, Kafka binding, binary content mode
 * (https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/kafka-protocol-binding.md): data is the value,
 * attributes are headers, the key decides the partition.
 */
export function toRecord(event: EventEnvelope): Message {
  return {
    key: event.key,
    value: JSON.stringify(event.data),
    headers: {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_source: event.source,
      ce_type: event.type,
      ce_time: event.time,
      ce_subject: event.key,
      ce_partitionkey: event.key,
      ce_correlationid: event.correlationId,
      ce_causationid: event.causationId,
      ...(event.actorId === null ? { ce_authtype: 'system' } : { ce_authtype: 'user', ce_authid: event.actorId }),
    },
  };
}

/**
 * The event of a record. Whatever a foreign producer wrote becomes an envelope, so that a consumer can park it: what
 * is missing is made up from the place of the record, the same at every delivery, and a value that is not JSON stays
 * text.
 */
export function fromRecord(
  message: KafkaMessage,
  { topic, partition }: { readonly topic: string; readonly partition: number },
): EventEnvelope {
  const place = `${topic}/${partition}/${message.offset}`;
  const header = (name: string) => readHeader(message.headers, name);
  const source = header('ce_source') ?? `/kafka/${topic}`;
  const id = toUuid(header('ce_id'), { source, place });
  return {
    id,
    type: header('ce_type') ?? 'unknown',
    source,
    topic,
    key: withoutNul(message.key?.toString() ?? header('ce_partitionkey') ?? place),
    time: header('ce_time') ?? new Date(Number(message.timestamp)).toISOString(),
    correlationId: header('ce_correlationid') ?? id,
    causationId: header('ce_causationid') ?? id,
    actorId: header('ce_authid') ?? null,
    data: parseValue(message.value),
  };
}

function readHeader(headers: IHeaders | undefined, name: string): string | undefined {
  const value = headers?.[name];
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined ? undefined : withoutNul(first.toString());
}

/** Postgres cannot store NUL as text. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}

/** CloudEvents ids are any string, unique per source; ours are UUIDs. Others get a UUID version 8 (RFC 9562 5.8). */
function toUuid(
  id: string | undefined,
  { source, place }: { readonly source: string; readonly place: string },
): string {
  if (id !== undefined && UUID.test(id)) return id.toLowerCase();
  const hash = createHash('sha256')
    .update(id === undefined ? place : `${source}\n${id}`)
    .digest();
  hash[6] = (hash.readUInt8(6) & 0x0f) | 0x80;
  hash[8] = (hash.readUInt8(8) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

function parseValue(value: Buffer | null): unknown {
  if (value === null) return null;
  const text = value.toString();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not ours: the contract of its type, if there is one, will refuse the text, and operators see what came.
    return text;
  }
}

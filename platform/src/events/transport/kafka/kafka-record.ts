import { createHash } from 'node:crypto';
import type { KafkaMessage, Message } from 'kafkajs';
import { readTraceparent } from '../../../trace-context/index.js';
import { readCloudEvent } from '../../contracts/cloud-event.js';
import { withoutNul } from '../../contracts/without-nul.js';
import type { EventEnvelope } from '../../envelope.js';
import { dataSchemaOf } from '../../event-type.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The record of an event: CloudEvents 1.0, Kafka binding, binary content mode
 * (https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/kafka-protocol-binding.md): data is the value,
 * attributes are headers, the key decides the partition.
 */
export function toRecord(event: EventEnvelope): Message {
  const { traceparent = null } = event;
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
      ce_dataschema: dataSchemaOf(event.type),
      ce_subject: event.key,
      ce_partitionkey: event.key,
      ce_correlationid: event.correlationId,
      ce_causationid: event.causationId,
      ...(traceparent === null ? {} : { ce_traceparent: traceparent }),
      ...(event.actorId === null ? { ce_authtype: 'system' } : { ce_authtype: 'user', ce_authid: event.actorId }),
    },
  };
}

/**
 * The event of a record, in binary or in structured content mode. Whatever a foreign producer wrote becomes an envelope,
 * so that a consumer can park it: what is missing is made up from the place of the record, the same at every delivery,
 * and a value that is not what it says stays text.
 */
export function fromRecord(
  message: KafkaMessage,
  { topic, partition }: { readonly topic: string; readonly partition: number },
): EventEnvelope {
  const place = `${topic}/${partition}/${message.offset}`;
  const { attribute, data } = readCloudEvent(message);
  const source = attribute('source') ?? `/kafka/${topic}`;
  const id = toUuid(attribute('id'), { source, place });
  return {
    id,
    type: attribute('type') ?? 'unknown',
    source,
    topic,
    key: withoutNul(message.key?.toString() ?? attribute('partitionkey') ?? place),
    time: toUtc(attribute('time')) ?? new Date(Number(message.timestamp)).toISOString(),
    correlationId: attribute('correlationid') ?? id,
    causationId: attribute('causationid') ?? id,
    actorId: attribute('authid') ?? null,
    traceparent: readTraceparent(attribute('traceparent')),
    data,
  };
}

/** RFC 3339 allows other zones; undefined for what is no time. */
function toUtc(time: string | undefined): string | undefined {
  const milliseconds = Date.parse(time ?? '');
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString();
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

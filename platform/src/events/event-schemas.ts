import { z } from 'zod';
import type { EventContract } from './contract.js';

/** A JSON document. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** JSON Schema (draft 2020-12) of the data of an event, as a consumer must accept it: unknown properties are allowed. */
export function eventJsonSchema(contract: EventContract): JsonObject {
  const { $schema, ...schema } = z.toJSONSchema(contract.schema, { io: 'input' });
  return {
    $schema,
    $id: `urn:orion:event:${contract.type}`,
    title: contract.type,
    description: contract.description,
    ...schema,
  };
}

/** `dev.orion.user.registered.v1` -> `UserRegisteredV1`. */
export function eventName(contract: EventContract): string {
  return contract.type
    .slice('dev.orion.'.length)
    .split(/[._]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

const text = (description: string) => ({ type: 'string', description });

/** Attributes of the envelope, as headers of a Kafka record (CloudEvents binary content mode). */
const HEADERS = {
  type: 'object',
  required: [
    'ce_specversion',
    'ce_id',
    'ce_source',
    'ce_type',
    'ce_time',
    'ce_partitionkey',
    'ce_correlationid',
    'ce_causationid',
  ],
  properties: {
    ce_specversion: { const: '1.0', description: 'Version of CloudEvents.' },
    ce_id: text('UUID of the event: the key of every deduplication.'),
    ce_source: text('Producer, /subgraphs/<name>.'),
    ce_type: text('Type of the event.'),
    ce_time: text('When it happened, ISO 8601 UTC.'),
    ce_subject: text('Id of the aggregate.'),
    ce_partitionkey: text('Order holds among events with equal keys.'),
    ce_correlationid: text('Id of the request or process that started it all.'),
    ce_causationid: text('Id of the event or request that caused this one.'),
    ce_authtype: { enum: ['user', 'system'], description: 'Kind of the actor.' },
    ce_authid: text('Id of the user who acted; absent for the system.'),
  },
};

/** An AsyncAPI 3.0 document of all contracts: a channel a topic, a message an event type. */
export function asyncApiDocument(
  contracts: readonly EventContract[],
  { version }: { readonly version: string },
): JsonObject {
  const topics = [...new Set(contracts.map(({ topic }) => topic))].toSorted();
  const inTopic = (topic: string) => contracts.filter((contract) => contract.topic === topic);
  const message = (contract: EventContract) => ({
    name: contract.type,
    title: eventName(contract),
    summary: contract.description,
    contentType: 'application/json',
    headers: { $ref: '#/components/schemas/EventHeaders' },
    payload: eventJsonSchema(contract),
  });
  return {
    asyncapi: '3.0.0',
    info: { title: 'ORION events', version, description: 'What the services of the supergraph tell each other.' },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(
      topics.map((topic) => [
        topic,
        {
          address: topic,
          messages: Object.fromEntries(
            inTopic(topic).map((contract) => [
              eventName(contract),
              { $ref: `#/components/messages/${eventName(contract)}` },
            ]),
          ),
        },
      ]),
    ),
    operations: Object.fromEntries(
      topics.map((topic) => [
        `publish.${topic}`,
        {
          action: 'send',
          channel: { $ref: `#/channels/${topic}` },
          summary: `Events of ${topic}, published through the outbox.`,
        },
      ]),
    ),
    components: {
      schemas: { EventHeaders: HEADERS },
      messages: Object.fromEntries(contracts.map((contract) => [eventName(contract), message(contract)])),
    },
  };
}

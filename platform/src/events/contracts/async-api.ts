import { PARTITIONS } from '../transport/kafka/kafka-client.js';
import type { EventContract } from './contract.js';
import { eventJsonSchema, eventName } from './event-schemas.js';
import type { JsonObject } from './event-schemas.js';

const BINDING_VERSION = '0.5.0';
/** Owner of what every service publishes. */
const EVERY_SERVICE = 'system';

const text = (description: string) => ({ type: 'string', description });

/** Attributes of the envelope, as headers of a Kafka record (CloudEvents 1.0, Kafka binding, binary content mode). */
const HEADERS = {
  type: 'object',
  required: [
    'content-type',
    'ce_specversion',
    'ce_id',
    'ce_source',
    'ce_type',
    'ce_time',
    'ce_dataschema',
    'ce_subject',
    'ce_partitionkey',
    'ce_correlationid',
    'ce_causationid',
    'ce_authtype',
  ],
  properties: {
    'content-type': { const: 'application/json', description: 'Media type of the data.' },
    ce_specversion: { const: '1.0', description: 'Version of CloudEvents.' },
    ce_id: text('UUID of the event: the key of every deduplication.'),
    ce_source: text('Producer, /subgraphs/<name>.'),
    ce_type: text('Type of the event.'),
    ce_time: text('When it happened, ISO 8601 UTC.'),
    ce_dataschema: text('`$id` of the JSON Schema of the data.'),
    ce_subject: text('Id of the aggregate.'),
    ce_partitionkey: text('Order holds among events with equal keys.'),
    ce_correlationid: text('Id of the request or process that started it all.'),
    ce_causationid: text('Id of the event or request that caused this one.'),
    ce_traceparent: text('W3C trace context of the request that started it all; absent when it had none.'),
    ce_authtype: { enum: ['user', 'system'], description: 'Kind of the actor.' },
    ce_authid: text('Id of the user who acted; absent for the system.'),
  },
};

/**
 * An AsyncAPI 3.0 document of all contracts: a channel a topic, a message an event type, an operation what one owner
 * sends to one topic. Who receives is not told: consumers subscribe to topics by patterns.
 */
export function asyncApiDocument(
  contracts: readonly EventContract[],
  { version }: { readonly version: string },
): JsonObject {
  const byTopic = grouped(contracts, ({ topic }) => topic);
  const byRoute = grouped(contracts, routeOf);
  return {
    asyncapi: '3.0.0',
    info: { title: 'ORION events', version, description: 'What the services of the supergraph tell each other.' },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(byTopic.map(([topic, sent]) => [topic, channelOf(topic, sent)])),
    operations: Object.fromEntries(byRoute.map(([route, sent]) => [route, operationOf(sent)])),
    components: {
      schemas: { EventHeaders: HEADERS },
      correlationIds: {
        Correlation: {
          description: 'Equal in all events of one undertaking.',
          location: '$message.header#/ce_correlationid',
        },
      },
      messages: Object.fromEntries(contracts.map((contract) => [eventName(contract), messageOf(contract)])),
    },
  };
}

function channelOf(topic: string, contracts: readonly EventContract[]): JsonObject {
  return {
    address: topic,
    messages: Object.fromEntries(
      contracts.map((contract) => [eventName(contract), { $ref: `#/components/messages/${eventName(contract)}` }]),
    ),
    bindings: { kafka: { topic, partitions: PARTITIONS, bindingVersion: BINDING_VERSION } },
  };
}

const routeOf = ({ owner, topic }: Pick<EventContract, 'owner' | 'topic'>) => `${owner}.send.${topic}`;

/** What one owner sends to one topic. */
function operationOf(contracts: readonly EventContract[]): JsonObject {
  const [first] = contracts;
  if (first === undefined) return {};
  const { owner, topic } = first;
  return {
    action: 'send',
    channel: { $ref: `#/channels/${topic}` },
    summary: `What ${owner === EVERY_SERVICE ? 'every service' : owner} publishes on ${topic}, through its outbox.`,
    messages: contracts.map((contract) => ({ $ref: `#/channels/${topic}/messages/${eventName(contract)}` })),
  };
}

function messageOf(contract: EventContract): JsonObject {
  const payload = eventJsonSchema(contract);
  return {
    name: contract.type,
    title: eventName(contract),
    summary: contract.description,
    contentType: 'application/json',
    headers: { $ref: '#/components/schemas/EventHeaders' },
    correlationId: { $ref: '#/components/correlationIds/Correlation' },
    payload,
    bindings: {
      kafka: { key: text(`Value of ${String(payload['x-orion-key'])}.`), bindingVersion: BINDING_VERSION },
    },
  };
}

/** Groups in alphabetical order of their names. */
function grouped(
  contracts: readonly EventContract[],
  nameOf: (contract: EventContract) => string,
): readonly (readonly [string, readonly EventContract[]])[] {
  const names = [...new Set(contracts.map(nameOf))].toSorted();
  return names.map((name) => [name, contracts.filter((contract) => nameOf(contract) === name)] as const);
}

export type { BackboneHealth } from './backbone-health.js';
export type { GroupReplay } from './backbone-replays.js';
export { createEventBackbone } from './backbone.js';
export type { BackboneOptions, EventBackbone, ServiceConsumerOptions } from './backbone.js';
export { currentCause, runCausedBy } from './causation.js';
export type { Cause } from './causation.js';
export type { EventEnvelope } from './envelope.js';
export { readOutboxStats, readParkedStats } from './event-stats.js';
export type { OutboxStats, ParkedStats } from './event-stats.js';
export { EVENT_TABLES_V1, EVENT_TABLES_V2 } from './event-tables.js';
export { nameOfType } from './event-type.js';
export type { EventType } from './event-type.js';
export { readEvent } from './read-event.js';
export { consume } from './consuming/consumer.js';
export type { ConsumerOptions, EventConsumer } from './consuming/consumer.js';
export type { EventOrdering } from './consuming/event-processing.js';
export { listParkedEvents } from './consuming/parked-events.js';
export type { ParkedEvent, ParkedState } from './consuming/parked-events.js';
export { DEFAULT_RETRY } from './consuming/retry-policy.js';
export type { RetryPolicy } from './consuming/retry-policy.js';
export { on, route } from './consuming/route.js';
export type { EventHandler, EventRoute, TypedEvent } from './consuming/route.js';
export { asyncApiDocument } from './contracts/async-api.js';
export { defineEvent } from './contracts/contract.js';
export type { EventContract, EventOwner, PendingEvent, Upcaster } from './contracts/contract.js';
export { eventJsonSchema, eventName } from './contracts/event-schemas.js';
export { isPattern, matcherOf } from './contracts/topic-pattern.js';
export { discardParkedEvents, editParkedEvent, redriveParkedEvents } from './operations/settle-parked.js';
export type { ParkedSelection, Redrive, Settlement } from './operations/settle-parked.js';
export { publish } from './publishing/outbox.js';
export { EventValidationError } from './publishing/pending-event.js';
export { startRelay } from './publishing/relay.js';
export type { EventRelay } from './publishing/relay.js';
export type { ReplayResult } from './replay/replay.js';
export type { ShadowReplayResult } from './replay/shadow-replay.js';
export { checkKafkaBroker, NoBrokerAnswersError, UnsuitableBrokerError } from './transport/kafka/kafka-broker-check.js';
export { checkKafkaReach } from './transport/kafka/kafka-reach.js';
export type { LogPosition } from './transport/log-position.js';
export { createTransport } from './transport/transport-from-config.js';
export type { TransportConfig } from './transport/transport-from-config.js';
export type {
  BatchHandler,
  EventSubscription,
  EventTail,
  EventTransport,
  GroupLag,
  ReplayOptions,
  SubscribeOptions,
  TailOptions,
} from './transport/transport.js';

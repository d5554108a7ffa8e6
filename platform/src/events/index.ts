export { asyncApiDocument } from './async-api.js';
export { createEventBackbone } from './backbone.js';
export type { BackboneOptions, EventBackbone, ServiceConsumerOptions } from './backbone.js';
export type { BackboneHealth } from './backbone-health.js';
export type { GroupReplay } from './backbone-replays.js';
export { backoffDelay } from './backoff.js';
export type { BackoffOptions } from './backoff.js';
export { currentCause, runCausedBy } from './causation.js';
export type { Cause } from './causation.js';
export { consume } from './consumer.js';
export type { ConsumerOptions, EventConsumer } from './consumer.js';
export { defineEvent } from './contract.js';
export type { EventContract, EventOwner, PendingEvent, Upcaster } from './contract.js';
export type { EventEnvelope } from './envelope.js';
export type { EventOrdering } from './event-processing.js';
export { readOutboxStats, readParkedStats } from './event-stats.js';
export type { OutboxStats, ParkedStats } from './event-stats.js';
export { eventJsonSchema, eventName } from './event-schemas.js';
export { EVENT_TABLES_V1, EVENT_TABLES_V2 } from './event-tables.js';
export { nameOfType } from './event-type.js';
export type { EventType } from './event-type.js';
export type { LogPosition } from './log-position.js';
export { checkKafkaBroker, NoBrokerAnswersError, UnsuitableBrokerError } from './kafka-broker-check.js';
export { checkKafkaReach } from './kafka-reach.js';
export { publish } from './outbox.js';
export { listParkedEvents } from './parked-events.js';
export type { ParkedEvent, ParkedState } from './parked-events.js';
export { EventValidationError } from './pending-event.js';
export { readEvent } from './read-event.js';
export { startRelay } from './relay.js';
export type { EventRelay } from './relay.js';
export type { ReplayResult } from './replay.js';
export { DEFAULT_RETRY } from './retry-policy.js';
export type { RetryPolicy } from './retry-policy.js';
export { on, route } from './route.js';
export type { EventHandler, EventRoute, TypedEvent } from './route.js';
export { discardParkedEvents, editParkedEvent, redriveParkedEvents } from './settle-parked.js';
export type { ParkedSelection, Redrive, Settlement } from './settle-parked.js';
export type { ShadowReplayResult } from './shadow-replay.js';
export { isPattern, matcherOf } from './topic-pattern.js';
export { createTransport } from './transport-from-config.js';
export type { TransportConfig } from './transport-from-config.js';
export type {
  BatchHandler,
  EventSubscription,
  EventTail,
  EventTransport,
  GroupLag,
  ReplayOptions,
  SubscribeOptions,
  TailOptions,
} from './transport.js';

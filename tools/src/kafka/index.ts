export { kafkaUnavailableReason } from './availability.js';
export type { KafkaListener, KafkaMechanism, KafkaProtection } from './listeners.js';
export { startKafka } from './start-kafka.js';
export type { KafkaBroker, KafkaOptions } from './start-kafka.js';
export { DEFAULT_KAFKA_VERSION, isKafkaVersion } from './version.js';
export type { KafkaVersion } from './version.js';

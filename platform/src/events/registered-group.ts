import type { ConsumerOptions, EventConsumer } from './consuming/consumer.js';

/** A consumer group of this process. */
export interface RegisteredGroup {
  readonly options: Omit<ConsumerOptions, 'transport'>;
  /** Undefined until it has begun. */
  consumer: EventConsumer | undefined;
}

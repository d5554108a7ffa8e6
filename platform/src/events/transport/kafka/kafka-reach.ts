import type { KafkaAddress, KafkaSecurity } from '../../../config/index.js';
import { NoBrokerAnswersError } from './kafka-broker-check.js';
import { outageText } from './kafka-connection-problem.js';
import { causeNamed, visitKafka } from './kafka-visit.js';

/**
 * Whether one can get where a broker that answers sends its clients (`advertised.listeners`), which may be elsewhere than
 * in KAFKA_BROKERS. Rejects with NoBrokerAnswersError when not. For a person who waits: a service simply tries.
 */
export async function checkKafkaReach(brokers: readonly KafkaAddress[], security: KafkaSecurity = {}): Promise<void> {
  try {
    await visitKafka(brokers, security, (admin) => admin.describeCluster());
  } catch (error) {
    const failure: (Error & { readonly broker?: string }) | undefined = causeNamed(error, 'KafkaJSConnectionError');
    if (failure?.broker === undefined) throw error;
    throw new NoBrokerAnswersError(
      [error],
      `Kafka answers, and sends its clients to another address: ${outageText(failure.broker, failure)}. ` +
        'Set advertised.listeners of the broker to what can be reached from here.',
    );
  }
}

/** Release lines the broker is started from. 3.9 is the last that still knew ZooKeeper, 4.1 speaks KRaft only. */
export type KafkaVersion = `3.9.${number}` | `4.1.${number}`;

export const DEFAULT_KAFKA_VERSION: KafkaVersion = '4.1.1';

export function isKafkaVersion(text: string): text is KafkaVersion {
  return /^(?:3\.9|4\.1)\.\d+$/.test(text);
}

import { kafkaUnavailableReason } from './availability.js';

/** `describe` where Apache Kafka can be run and is asked for; else a `describe.skip` whose reason is printed. */
export async function describeWithKafka(what: string): Promise<typeof describe.skip> {
  const reason =
    process.env['ORION_TEST_KAFKA'] === '1' ? await kafkaUnavailableReason() : 'ORION_TEST_KAFKA=1 is not set';
  if (reason === undefined) return describe;
  console.log(`SKIPPED: ${what}: ${reason}`);
  return describe.skip;
}

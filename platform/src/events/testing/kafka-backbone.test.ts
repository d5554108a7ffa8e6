import { describeBackboneContract } from './backbone-contract.js';

const brokers = process.env['ORION_TEST_KAFKA_BROKERS'];
if (brokers === undefined)
  console.warn(
    'SKIPPED: backbone contract on Kafka: ORION_TEST_KAFKA_BROKERS is not set (npm run kafka starts a broker)',
  );
const withKafka = brokers === undefined ? describe.skip : describe;

withKafka('with a broker', () => describeBackboneContract('kafka', () => `kafka://${brokers}`));

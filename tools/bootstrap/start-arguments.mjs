import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm start -- [options]

  --port N   port of the gateway (default 4000); the subgraphs follow on N+1 and up
  --json     print one line of JSON when ready, instead of the banner
  --help     this text

Environment
  DATABASE_URL      superuser URL of a Postgres server to use instead of the embedded one
  KAFKA_BROKERS     host:port,...; events then travel through Kafka instead of Postgres (with TLS and SASL:
                    docs/operations.md)
  REDIS_URL         shared rate limits and persisted documents
  ORION_DATA_DIR    folder for data, secrets and logs (default .orion)
  NO_COLOR          no colours
`;

/** `{ options }` or `{ error }`. */
export function parseStartArguments(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const port = values.port === undefined ? 4000 : Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_000)
      return { error: `--port ${values.port}: not a port number.` };
    return { options: { ...values, port } };
  } catch (error) {
    return { error: error.message.split('. To specify')[0] };
  }
}

import { parseArgs } from 'node:util';
import { ConfigError, loadConfig, portVariable, variables } from '@orion/platform/config';
import { z } from 'zod';
import { SENSITIVE_FIELDS, STANDARD_LIMITS } from './security/limits.js';

const list = (value: string): string[] =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

const count = (standard: number) => z.coerce.number().int().min(1).default(standard);

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

const subgraphUrls = z.string().transform((value, context) => {
  const urls: Record<string, string> = {};
  for (const pair of list(value)) {
    const at = pair.indexOf('=');
    const url = pair.slice(at + 1);
    if (at < 1 || !URL.canParse(url)) {
      context.addIssue({
        code: 'custom',
        message: `"${pair}" is not NAME=URL, for instance auth=http://127.0.0.1:4001/graphql`,
      });
      continue;
    }
    urls[pair.slice(0, at)] = url;
  }
  return urls;
});

/** Every key that the gateway reads from its environment; the descriptions make `.env.example`. */
export const gatewayConfigSchema = z
  .object({
    NODE_ENV: variables.NODE_ENV,
    HOST: variables.HOST,
    PORT: portVariable(4000),
    LOG_LEVEL: variables.LOG_LEVEL,
    PUBLIC_URL: variables.PUBLIC_URL,
    ROVER_CONFIG: z.string().optional().describe('rover.yaml to compose the supergraph from; flag --rover'),
    SUPERGRAPH: z
      .string()
      .optional()
      .describe('composed supergraph SDL file, instead of ROVER_CONFIG; flag --supergraph'),
    SUBGRAPH_URLS: subgraphUrls
      .optional()
      .describe('where subgraphs really are, NAME=URL separated by commas; replaces routing_url'),
    SUBGRAPH_TIMEOUT_MS: count(10_000).describe(
      'a subgraph that has not answered by then is an error in that part of the answer',
    ),
    JWKS_URL: z.url().optional().describe('public keys of access tokens; without it every request is anonymous'),
    JWT_ISSUER: z.string().optional().describe('`iss` that access tokens must have; PUBLIC_URL when not set'),
    JWT_AUDIENCE: z.string().default('orion').describe('`aud` that access tokens must have'),
    ORION_CONTEXT_SECRET: variables.ORION_CONTEXT_SECRET.optional().describe(
      'key that signs who is calling towards the subgraphs; without it they are not told',
    ),
    BUS_DATABASE_URL: variables.BUS_DATABASE_URL.describe('PostgreSQL event bus that announces revoked sessions'),
    KAFKA_BROKERS: variables.KAFKA_BROKERS.describe(
      'Kafka bootstrap brokers that announce revoked sessions; replaces BUS_DATABASE_URL',
    ),
    CORS_ORIGINS: z
      .string()
      .transform(list)
      .optional()
      .describe(
        'browser origins that may call, separated by commas; * for any (the default outside production); empty for none',
      ),
    TRUSTED_PROXY_HOPS: z.coerce
      .number()
      .int()
      .min(0)
      .default(0)
      .describe('reverse proxies in front, each adding to x-forwarded-for; 0 believes only the socket'),
    INTROSPECTION: flag.optional().describe('answer introspection; standard is true outside production'),
    GRAPHIQL_DIR: z.string().optional().describe('folder of a built GraphiQL, served at /graphiql'),
    CONSOLE_DIR: z.string().optional().describe('folder of a built web console, served at /console'),
    PAGES_DIR: z
      .string()
      .optional()
      .describe('folder of static pages, each served at the name of its own folder, such as /verify-email'),
    MAX_BODY_BYTES: count(1024 * 1024).describe('longest request body; more is answered with 413'),
    MAX_DOCUMENT_TOKENS: count(STANDARD_LIMITS.tokens).describe('longest GraphQL document, in tokens'),
    MAX_DEPTH: count(STANDARD_LIMITS.depth).describe('deepest nesting of fields in an operation'),
    MAX_ALIASES: count(STANDARD_LIMITS.aliases).describe('most aliases in an operation'),
    MAX_ROOT_FIELDS: count(STANDARD_LIMITS.rootFields).describe('most fields at the root of an operation'),
    MAX_SELECTIONS: count(STANDARD_LIMITS.selections).describe(
      'most fields in an operation, fragments counted at every use',
    ),
    MAX_DIRECTIVES: count(STANDARD_LIMITS.directives).describe('most directives in an operation'),
    MAX_NODES: count(STANDARD_LIMITS.nodes).describe(
      'most fields that an answer may have, estimated from the sizes of the pages it asks for',
    ),
    ONCE_PER_OPERATION: z
      .string()
      .transform(list)
      .default([...SENSITIVE_FIELDS])
      .describe('root fields that one operation may hold at most once, so that aliases are no way to guess passwords'),
    MAX_CONNECTIONS_PER_IP: count(100).describe('most open WebSockets and event streams of one client address'),
    MAX_OPERATIONS_PER_SOCKET: count(100).describe('most operations at one time on one WebSocket'),
    MAX_FRAME_BYTES: count(256 * 1024).describe('longest WebSocket message from a client'),
  })
  .superRefine((config, context) => {
    if ((config.ROVER_CONFIG === undefined) === (config.SUPERGRAPH === undefined)) {
      context.addIssue({
        code: 'custom',
        message: 'set exactly one of ROVER_CONFIG (or --rover FILE) and SUPERGRAPH (or --supergraph FILE)',
      });
    }
    if (config.BUS_DATABASE_URL !== undefined && config.KAFKA_BROKERS !== undefined) {
      context.addIssue({ code: 'custom', message: 'set at most one of BUS_DATABASE_URL and KAFKA_BROKERS' });
    }
  });

/** The gateway's configuration as its process reads it. */
export type GatewayConfig = Readonly<z.infer<typeof gatewayConfigSchema>>;

/**
 * Reads flags and environment; a flag wins. Throws ConfigError with every problem.
 * `CORS_ORIGINS=` (set and empty) means none, which is why it survives when other empty variables count as unset.
 */
export function readGatewayConfig(
  flags: readonly string[] = process.argv.slice(2),
  environment: Readonly<Record<string, string | undefined>> = process.env,
): GatewayConfig {
  const overrides = readFlags(flags);
  const merged: Record<string, string | undefined> = { ...environment, ...overrides };
  if (environment['CORS_ORIGINS'] === '') merged['CORS_ORIGINS'] = ',';
  // A flag names the one source of the supergraph, whatever the environment says.
  if (overrides['SUPERGRAPH'] !== undefined && overrides['ROVER_CONFIG'] === undefined) delete merged['ROVER_CONFIG'];
  if (overrides['ROVER_CONFIG'] !== undefined && overrides['SUPERGRAPH'] === undefined) delete merged['SUPERGRAPH'];
  return loadConfig(gatewayConfigSchema, merged);
}

function readFlags(flags: readonly string[]): Record<string, string | undefined> {
  try {
    const { values } = parseArgs({
      args: [...flags],
      options: {
        rover: { type: 'string' },
        supergraph: { type: 'string' },
        port: { type: 'string' },
        host: { type: 'string' },
      },
    });
    const named = { ROVER_CONFIG: values.rover, SUPERGRAPH: values.supergraph, PORT: values.port, HOST: values.host };
    return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`${reason} (flags: --rover FILE, --supergraph FILE, --port N, --host ADDRESS)`]);
  }
}

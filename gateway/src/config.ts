import { availableParallelism } from 'node:os';
import { kafkaConfigProblems, kafkaVariables, loadConfig, portVariable, variables } from '@orion/platform/config';
import { z } from 'zod';
import { readFlags } from './read-flags.js';
import { SENSITIVE_FIELDS, STANDARD_LIMITS } from './security/limits.js';
import type { SubscriptionProtocol } from './subscriptions/upstreams.js';

const list = (value: string): string[] =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

const count = (standard: number) => z.coerce.number().int().min(1).default(standard);

const rate = z.coerce.number().int().min(0).max(1_000_000_000).optional();

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

const publicFiles = z.string().transform((value, context) => {
  const folders: Record<string, string> = {};
  for (const pair of list(value)) {
    const at = pair.indexOf('=');
    const [path, url] = [pair.slice(0, Math.max(at, 0)), pair.slice(at + 1)];
    if (!/^\/[a-z0-9-]+\/$/.test(path) || !URL.canParse(url) || !url.endsWith('/')) {
      context.addIssue({
        code: 'custom',
        message: `"${pair}" is not /PATH/=URL/, for instance /avatars/=http://127.0.0.1:4002/avatars/`,
      });
      continue;
    }
    folders[path] = url;
  }
  return folders;
});

/** As the W3C Baggage format has it: https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
const headers = z.string().transform((value, context) => {
  try {
    return Object.fromEntries(
      list(value).map((pair) => {
        const at = pair.indexOf('=');
        if (!/^[\w-]+$/.test(pair.slice(0, Math.max(at, 0)))) throw new URIError('no name');
        return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))];
      }),
    );
  } catch {
    // What was given is likely a secret, so it is not repeated.
    context.addIssue({ code: 'custom', message: 'is not NAME=VALUE separated by commas, values percent-encoded' });
    return z.NEVER;
  }
});

const workers = z
  .union([z.literal('auto').transform(() => 0), z.coerce.number().int().min(0).max(256)])
  .transform((asked) => (asked === 0 ? availableParallelism() : asked));

const subscriptionProtocols = z.string().transform((value, context) => {
  const protocols: Record<string, SubscriptionProtocol> = {};
  for (const pair of list(value)) {
    const [name = '', protocol] = pair.split('=').map((part) => part.trim());
    if (name === '' || (protocol !== 'ws' && protocol !== 'sse')) {
      context.addIssue({ code: 'custom', message: `"${pair}" is not NAME=ws or NAME=sse, for instance news=sse` });
      continue;
    }
    protocols[name] = protocol;
  }
  return protocols;
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
    DOCUMENT_CACHE_BYTES: count(64 * 1024 * 1024).describe(
      'memory for operations that are read, planned and compiled already; some 20 KB for each variant, the least used go first',
    ),
    OVERRIDE_LABELS: z
      .string()
      .transform(list)
      .optional()
      .describe('labels of progressive @override that are on, separated by commas; percent(n) needs no mention'),
    REQUEST_TIMEOUT_MS: count(30_000).describe(
      'an operation that is not answered by then is given up, with every request to subgraphs it has open',
    ),
    SUBGRAPH_RETRIES: z.coerce
      .number()
      .int()
      .min(0)
      .default(1)
      .describe('how often a query is sent again after a broken connection or 502, 503, 504; a mutation never is'),
    SUBGRAPH_ANSWER_BYTES: count(64 * 1024 * 1024).describe('longest answer of a subgraph; more drops the connection'),
    SUBGRAPH_CONNECTIONS: count(256).describe('most connections to one origin of subgraphs'),
    CIRCUIT_BREAKER: flag
      .default(true)
      .describe('leave a subgraph alone for some seconds when half of its requests and at least 20 in 10 seconds fail'),
    DEDUP: z
      .enum(['off', 'subgraph', 'operation', 'both'])
      .default('both')
      .describe('what equal queries of one identity that are under way at one time share; flag --dedup'),
    FORWARD_HEADERS: z
      .string()
      .transform(list)
      .default([])
      .describe('client headers that subgraphs get as well, separated by commas; never x-orion-*'),
    PUBLIC_FILES: publicFiles
      .optional()
      .describe(
        'files of subgraphs that anybody gets who knows their names, /PATH/=URL/ separated by commas, for instance avatars',
      ),
    JWKS_URL: z.url().optional().describe('public keys of access tokens; without it every request is anonymous'),
    JWT_ISSUER: z.string().optional().describe('`iss` that access tokens must have; PUBLIC_URL when not set'),
    JWT_AUDIENCE: z.string().default('orion').describe('`aud` that access tokens must have'),
    JWT_PROFILE: z
      .enum(['orion', 'any'])
      .default('orion')
      .describe(
        'orion: revocable tokens of ORION, ES256, an hour at most; any: JWTs of another issuer, any asymmetric algorithm',
      ),
    API_KEYS_URL: z
      .url()
      .optional()
      .describe('subgraph that knows API keys, asked for `apiKeyIdentity`; without it API keys are refused'),
    API_KEYS_SUBGRAPH: z
      .string()
      .min(1)
      .default('user')
      .describe('name of that subgraph, for which the question is signed'),
    ORION_CONTEXT_SECRET: variables.ORION_CONTEXT_SECRET.optional().describe(
      'key that signs who is calling towards the subgraphs; without it they are not told',
    ),
    BUS_DATABASE_URL: variables.BUS_DATABASE_URL.describe(
      'PostgreSQL event bus that announces revoked sessions and changed permissions',
    ),
    ...kafkaVariables,
    KAFKA_BROKERS: kafkaVariables.KAFKA_BROKERS.describe(
      'Kafka bootstrap brokers that announce revoked sessions and changed permissions; replaces BUS_DATABASE_URL',
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
    GRAPHIQL_DIR: z
      .string()
      .optional()
      .describe('folder of a built GraphiQL, served at /graphiql; the image has one: /app/graphiql'),
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
    MAX_COST: count(STANDARD_LIMITS.cost).describe(
      'highest cost of an operation by the weights (`@cost`) of the graph; without effect in a graph that has none',
    ),
    PLANNER_THREADS: count(1).describe('threads that plan operations; each holds the whole supergraph'),
    PLAN_TIMEOUT_MS: count(10_000).describe('an operation that is not planned by then is refused'),
    PLANNER_HEAP_MB: count(512).describe('most memory of one planner thread'),
    ONCE_PER_OPERATION: z
      .string()
      .transform(list)
      .default([...SENSITIVE_FIELDS])
      .describe('root fields that one operation may hold at most once, so that aliases are no way to guess passwords'),
    PERSISTED_DOCUMENTS: z
      .string()
      .optional()
      .describe('manifest of documents that clients may name by id; of Apollo, Relay or graphql-codegen'),
    PERSISTED_DOCUMENTS_ONLY: flag.default(false).describe('execute nothing that is not in PERSISTED_DOCUMENTS'),
    AUTOMATIC_PERSISTED_QUERIES: flag
      .default(true)
      .describe('let clients register documents by their hash (Apollo APQ); never with PERSISTED_DOCUMENTS_ONLY'),
    RATE_LIMIT_PER_IP: rate.describe(
      'operations a minute of one client address (of IPv6 the /64 network), 0 for any; standard is 6000 in production, else 0',
    ),
    RATE_LIMIT_PER_IDENTITY: rate.describe(
      'operations a minute of one signed-in user or one API key, 0 for any; standard is 1200 in production, else 0',
    ),
    REDIS_URL: z
      .url({ protocol: /^rediss?$/ })
      .optional()
      .describe('Redis in which gateways share their rate limits; while it is away each counts by itself'),
    MAX_CONNECTIONS: count(20_000).describe(
      'most open connections of all clients together; more are closed as they come',
    ),
    MAX_CONNECTIONS_PER_IP: count(100).describe('most open WebSockets and event streams of one client address'),
    MAX_OPERATIONS_PER_SOCKET: count(100).describe('most operations at one time on one WebSocket'),
    MAX_FRAME_BYTES: count(256 * 1024).describe('longest WebSocket message from a client'),
    MAX_SUBSCRIPTIONS: count(50_000).describe('most subscriptions of all clients together'),
    MAX_QUEUED_EVENTS: count(256).describe('most events that wait for one slow client of a subscription'),
    SLOW_CLIENTS: z
      .enum(['disconnect', 'drop-oldest'])
      .default('disconnect')
      .describe(
        'what happens beyond MAX_QUEUED_EVENTS: the connection is closed (4008), or the oldest event is left out and ' +
          'the next one counts what is missing in extensions.dropped',
      ),
    SUBSCRIPTION_PROTOCOLS: subscriptionProtocols
      .default({})
      .describe('how subgraphs are subscribed to, NAME=ws or NAME=sse separated by commas; standard is ws'),
    SUBSCRIPTION_URLS: subgraphUrls
      .default({})
      .describe('where subgraphs take subscriptions, NAME=URL separated by commas; standard is their own address'),
    ON_UPSTREAM_LOSS: z
      .enum(['resume', 'complete'])
      .default('resume')
      .describe(
        "when a subgraph's event stream breaks: resume connects again and marks the next event with extensions.gap, " +
          'complete tells the clients and ends their subscriptions',
      ),
    SUBSCRIPTION_LINGER_MS: z.coerce
      .number()
      .int()
      .min(0)
      .default(500)
      .describe('how long a stream of a subgraph stays open after its last client has left'),
    EVENT_TIMEOUT_MS: count(30_000).describe('an event that is not completed from other subgraphs by then is an error'),
    WORKERS: workers
      .default(1)
      .describe('processes that share the port; 0 or auto for one a core; limits count in each by itself'),
    METRICS: z
      .enum(['true', 'false', 'public'])
      .optional()
      .describe(
        'count, and answer GET /metrics: on METRICS_PORT when it is set, else on PORT outside production; public answers ' +
          'on PORT in production as well; standard is true outside production and wherever METRICS_PORT is set',
      ),
    METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional().describe('port of its own for GET /metrics'),
    METRICS_HOST: z.string().default('127.0.0.1').describe('address to listen on for METRICS_PORT'),
    OTEL_EXPORTER_OTLP_ENDPOINT: z
      .url()
      .optional()
      .describe('OpenTelemetry receiver for traces, OTLP over HTTP, for instance http://127.0.0.1:4318'),
    OTEL_EXPORTER_OTLP_HEADERS: headers
      .optional()
      .describe('headers for the receiver, NAME=VALUE separated by commas, for instance authorization=Bearer%20...'),
    OTEL_TRACES_EXPORTER: z
      .enum(['otlp', 'console', 'none'])
      .default('otlp')
      .describe('where traces go; console prints them, otlp needs OTEL_EXPORTER_OTLP_ENDPOINT and is nothing without'),
    OTEL_SERVICE_NAME: z.string().default('orion-gateway').describe('name of the gateway in traces'),
    OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1).describe('share of the traces that are kept'),
    ACCESS_LOG: flag.default(false).describe('log a line for every request at level info'),
    ACCESS_LOG_CLIENT_IP: flag.default(false).describe('with the address of the client in it'),
  })
  .superRefine((config, context) => {
    if ((config.ROVER_CONFIG === undefined) === (config.SUPERGRAPH === undefined)) {
      context.addIssue({
        code: 'custom',
        message: 'set exactly one of ROVER_CONFIG (or --rover FILE) and SUPERGRAPH (or --supergraph FILE)',
      });
    }
    if (config.NODE_ENV === 'production' && config.METRICS === 'true' && config.METRICS_PORT === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['METRICS'],
        message: 'in production true needs METRICS_PORT; public shows them to every client',
      });
    }
    if (config.WORKERS > 1 && config.METRICS_PORT === undefined && (config.METRICS ?? 'false') !== 'false') {
      context.addIssue({
        code: 'custom',
        path: ['METRICS'],
        message: 'with several WORKERS needs METRICS_PORT, where all of them are added up',
      });
    }
    for (const needed of ['JWKS_URL', 'ORION_CONTEXT_SECRET'] as const) {
      if (config.API_KEYS_URL !== undefined && config[needed] === undefined) {
        context.addIssue({ code: 'custom', path: ['API_KEYS_URL'], message: `needs ${needed}` });
      }
    }
    if (config.PERSISTED_DOCUMENTS_ONLY && config.PERSISTED_DOCUMENTS === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['PERSISTED_DOCUMENTS_ONLY'],
        message: 'needs PERSISTED_DOCUMENTS, or nothing could be executed',
      });
    }
    if (config.BUS_DATABASE_URL !== undefined && config.KAFKA_BROKERS !== undefined) {
      context.addIssue({ code: 'custom', message: 'set at most one of BUS_DATABASE_URL and KAFKA_BROKERS' });
    }
    for (const { variable, message } of kafkaConfigProblems(config, { production: config.NODE_ENV === 'production' }))
      context.addIssue({ code: 'custom', path: [variable], message });
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

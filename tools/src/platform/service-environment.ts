import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Secrets } from './secrets.js';

export interface EnvironmentOptions {
  readonly root: string;
  readonly mode: 'demo' | 'test';
  readonly secrets: Secrets;
  /** Port of every subgraph by name, and of `gateway`. */
  readonly ports: Readonly<Record<string, number>>;
  /** URL of the database of every subgraph by name, and of `bus`. */
  readonly databaseUrls: Readonly<Record<string, string>>;
  /** Folder for what Node keeps between starts. */
  readonly cacheDir: string;
  readonly publicUrl: string;
  /** Folder that the gateway serves at /graphiql. */
  readonly graphiqlDir: string | undefined;
  /** Wins over everything. */
  readonly extra: Readonly<Record<string, string | undefined>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Set by npm, jest or the launcher for themselves. */
const NOT_INHERITED =
  /^(npm_.*|INIT_CWD|JEST_WORKER_ID|NODE_UNIQUE_ID|NODE_CHANNEL_.*|DATABASE_URL|PORT|HOST|ORION_TEST_.*)$/;

/** Environment of one subgraph (the variables are described in platform/src/config). */
export function subgraphEnvironment(name: string, options: EnvironmentOptions): Environment {
  return {
    ...sharedEnvironment(options),
    DATABASE_URL: options.databaseUrls[name],
    ORION_SEALING_KEY: options.secrets.sealingKey,
    ...options.extra,
  };
}

/** Environment of the gateway. */
export function gatewayEnvironment(options: EnvironmentOptions): Environment {
  const { root, ports, graphiqlDir } = options;
  const subgraphs = Object.entries(ports).filter(([name]) => name !== 'gateway');
  const pages = path.join(root, 'subgraphs', 'auth', 'pages');
  return {
    ...sharedEnvironment(options),
    ROVER_CONFIG: path.join(root, 'rover.yaml'),
    SUBGRAPH_URLS: subgraphs.map(([name, port]) => `${name}=http://127.0.0.1:${port}/graphql`).join(','),
    ...(ports['auth'] === undefined ? {} : { JWKS_URL: `http://127.0.0.1:${ports['auth']}/.well-known/jwks.json` }),
    ...(ports['auth'] === undefined || ports['user'] === undefined
      ? {}
      : { API_KEYS_URL: `http://127.0.0.1:${ports['user']}/graphql` }),
    ...(ports['user'] === undefined ? {} : { PUBLIC_FILES: `/avatars/=http://127.0.0.1:${ports['user']}/avatars/` }),
    ...(graphiqlDir === undefined ? {} : { GRAPHIQL_DIR: graphiqlDir }),
    ...(existsSync(pages) ? { PAGES_DIR: pages } : {}),
    ...options.extra,
  };
}

function sharedEnvironment({ mode, secrets, databaseUrls, cacheDir, publicUrl }: EnvironmentOptions): Environment {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name)));
  const production = process.env['NODE_ENV'] === 'production';
  return {
    // Node 22 and later keep compiled code there; Node 20 ignores it.
    NODE_COMPILE_CACHE: cacheDir,
    ...inherited,
    NODE_ENV: mode === 'test' ? 'test' : (process.env['NODE_ENV'] ?? 'development'),
    HOST: '127.0.0.1',
    ORION_CONTEXT_SECRET: secrets.contextSecret,
    ORION_DEMO: String(!production),
    PUBLIC_URL: process.env['PUBLIC_URL'] ?? publicUrl,
    // Exactly one of the two transports; everything else about Kafka is inherited.
    ...((process.env['KAFKA_BROKERS'] ?? '') === '' ? { BUS_DATABASE_URL: databaseUrls['bus'] } : {}),
  };
}

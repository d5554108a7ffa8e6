import type { ServiceEvent, ServiceProcess } from './service-process.js';

export interface PlatformOptions {
  /** `demo`: data is kept, NODE_ENV development. `test`: databases of its own that are dropped in the end. */
  readonly mode: 'demo' | 'test';
  /** A checkout: holds subgraphs/, gateway/ and rover.yaml, all built. Default: the one this file is in. */
  readonly root?: string;
  /** `fixed`: the gateway on `gatewayPort` and the subgraphs as far above it as their package.json says. Default: fixed for demo. */
  readonly ports?: 'fixed' | 'random';
  /** Default 4000. */
  readonly gatewayPort?: number;
  /** Folder for data, secrets and logs. Default `.orion` of the checkout, a temporary one for tests. */
  readonly dataDir?: string;
  /** Superuser URL of a server to use. Default: DATABASE_URL, for tests ORION_TEST_POSTGRES_URL, else the embedded server. */
  readonly postgresUrl?: string;
  /** Folder that the gateway serves at /graphiql; it may be filled later. */
  readonly graphiqlDir?: string | undefined;
  /** For every service, over all else. Undefined unsets. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether a process that dies is started again. Default true. */
  readonly restart?: boolean;
  /** Gives up and leaves nothing running. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: PlatformEvent) => void;
}

/** What happens, for people and logs. The name is that of a service, or `postgres`. */
export type PlatformEvent = ServiceEvent;

/** A running platform. */
export interface Platform {
  /** `http://127.0.0.1:PORT/graphql` */
  readonly url: string;
  /** The same for WebSocket. */
  readonly wsUrl: string;
  /** Of `gateway`, every subgraph, and `postgres` when it is embedded. */
  readonly ports: Readonly<Record<string, number>>;
  /** Of every subgraph and `bus` (each with its own role), and `admin` (the superuser). */
  readonly databaseUrls: Readonly<Record<string, string>>;
  /** Key of the signed context: with it a test can call a subgraph as the gateway does. */
  readonly contextSecret: string;
  readonly dataDir: string;
  readonly logDir: string;
  /** Of `gateway` and every subgraph. */
  readonly processes: Readonly<Record<string, ServiceProcess>>;
  /** Whether Postgres was started here. */
  readonly embeddedPostgres: boolean;
  /** Resolves when the service, or `postgres`, serves. */
  whenReady(name: string): Promise<void>;
  /** Ends a service, or the embedded `postgres`, as a crash would (default SIGKILL); resolves when it is gone. */
  kill(name: string, signal?: NodeJS.Signals): Promise<void>;
  /** Stops a service in order and starts it again. */
  restart(name: string, changes?: { readonly env?: Readonly<Record<string, string | undefined>> }): Promise<void>;
  /** Gateway, subgraphs, Postgres; what does not stop in time is killed. Within 2 s. Idempotent. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

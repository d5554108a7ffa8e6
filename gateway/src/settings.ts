import type { Logger } from '@orion/platform/log';
import type { RevocationFeed } from './security/revocations.js';
import { SENSITIVE_FIELDS, STANDARD_LIMITS } from './security/limits.js';
import type { OperationLimits } from './security/limits.js';
import type { TokenRules } from './security/access-token.js';

/** Where the supergraph comes from: files are watched and reloaded. */
export type SupergraphSource = { readonly roverConfig: string } | { readonly file: string } | { readonly sdl: string };

/** A folder served under a path, for instance a built GraphiQL at `/graphiql`. */
export interface Page {
  readonly path: string;
  readonly directory: string;
  /** Not among the links of the landing page: of no use without the parameters of the link that leads to it. */
  readonly isUnlisted?: boolean;
}

/** Limits of WebSockets and event streams. */
export interface ConnectionLimits {
  /** Open WebSockets and event streams of one client address. */
  readonly perIp: number;
  /** Operations at one time on one WebSocket. */
  readonly operationsPerSocket: number;
  readonly frameBytes: number;
  /** How long a socket may stay without `connection_init`. */
  readonly initTimeoutMs: number;
  readonly heartbeatMs: number;
  /** Events that wait for a slow client before it is dropped. */
  readonly queuedEvents: number;
}

/** What an embedder gives; `main.ts` makes it from the environment. */
export interface GatewayOptions {
  readonly supergraph: SupergraphSource;
  readonly logger: Logger;
  readonly host?: string | undefined;
  /** 0 for any free port. */
  readonly port?: number | undefined;
  /** Hides causes of errors, subgraph names, introspection and suggestions from clients. */
  readonly production?: boolean | undefined;
  readonly publicUrl?: string | undefined;
  /** Addresses that replace the supergraph's routing URLs, by subgraph name. */
  readonly subgraphUrls?: Readonly<Record<string, string>> | undefined;
  readonly subgraphTimeoutMs?: number | undefined;
  /** Without it no request is authenticated and every caller is anonymous. */
  readonly tokens?: TokenRules | undefined;
  /** Without it no signed context is sent: for subgraphs that are not ORION's. */
  readonly contextSecret?: string | undefined;
  /** Announces revoked sessions; the caller closes it after `stop`. */
  readonly revocationFeed?: RevocationFeed | undefined;
  /** Browser origins that may call; `*` for any. */
  readonly corsOrigins?: readonly string[] | undefined;
  readonly trustedProxyHops?: number | undefined;
  readonly introspection?: boolean | undefined;
  readonly pages?: readonly Page[] | undefined;
  readonly maxBodyBytes?: number | undefined;
  readonly limits?: Partial<OperationLimits> | undefined;
  readonly oncePerOperation?: readonly string[] | undefined;
  readonly connections?: Partial<ConnectionLimits> | undefined;
  /** How long `stop` waits for requests in flight. */
  readonly drainMs?: number | undefined;
}

/** Options with every standard filled in. */
export interface Settings {
  readonly supergraph: SupergraphSource;
  readonly host: string;
  readonly port: number;
  readonly production: boolean;
  readonly publicUrl: string;
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly subgraphTimeoutMs: number;
  readonly tokens: TokenRules | undefined;
  readonly contextSecret: string | undefined;
  readonly corsOrigins: readonly string[];
  readonly trustedProxyHops: number;
  readonly introspection: boolean;
  readonly pages: readonly Page[];
  readonly maxBodyBytes: number;
  readonly limits: OperationLimits;
  readonly oncePerOperation: readonly string[];
  readonly connections: ConnectionLimits;
  readonly drainMs: number;
}

const STANDARD_CONNECTIONS: ConnectionLimits = {
  perIp: 100,
  operationsPerSocket: 100,
  frameBytes: 256 * 1024,
  initTimeoutMs: 5_000,
  heartbeatMs: 12_000,
  queuedEvents: 256,
};

/** Fills in what the embedder left out. Production is closed by default, development open. */
export function settle(options: GatewayOptions): Settings {
  const production = options.production ?? false;
  return {
    supergraph: options.supergraph,
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 4000,
    production,
    publicUrl: options.publicUrl ?? 'http://localhost:4000',
    subgraphUrls: options.subgraphUrls ?? {},
    subgraphTimeoutMs: options.subgraphTimeoutMs ?? 10_000,
    tokens: options.tokens,
    contextSecret: options.contextSecret,
    corsOrigins: options.corsOrigins ?? (production ? [] : ['*']),
    trustedProxyHops: options.trustedProxyHops ?? 0,
    introspection: options.introspection ?? !production,
    pages: options.pages ?? [],
    maxBodyBytes: options.maxBodyBytes ?? 1024 * 1024,
    limits: { ...STANDARD_LIMITS, ...options.limits },
    oncePerOperation: options.oncePerOperation ?? SENSITIVE_FIELDS,
    connections: { ...STANDARD_CONNECTIONS, ...options.connections },
    drainMs: options.drainMs ?? (production ? 10_000 : 1_500),
  };
}

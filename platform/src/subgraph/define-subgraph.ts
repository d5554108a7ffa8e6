import type { DataSource } from 'typeorm';
import type { z } from 'zod';
import type { SharedSubgraphConfig } from '../config/index.js';
import type { Migration } from '../database/index.js';
import type { EventBackbone, EventTransport } from '../events/index.js';
import type { JobWorker } from '../jobs/index.js';
import type { Logger } from '../log/index.js';
import type { Metrics } from '../metrics/index.js';
import type { Sealer } from '../sealing/index.js';
import type { Owners } from './enforce-auth.js';
import type { SubgraphContext } from './subgraph-context.js';

/** Constructor of a decorated class: a resolver, an entity, a type. */
export type Class = new (...args: never[]) => object;

/** What a subgraph is built from when it starts. */
export interface Resources<Config> {
  readonly config: Readonly<Config & SharedSubgraphConfig>;
  readonly database: DataSource;
  /** Outbox and idempotent consumers over the subgraph's own database. */
  readonly backbone: EventBackbone;
  /** Jobs over the subgraph's own database: say in `assemble` what it can do and when; needs JOB_TABLES_V1. */
  readonly jobs: JobWorker;
  /** For live feeds (`tail`); publishing goes through the outbox. */
  readonly transport: EventTransport;
  readonly sealer: Sealer;
  /** Of this service; what is registered is on its /metrics. */
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Resolves one `@key` reference; null when there is no such entity. Load through `context.loaders`. */
export type ReferenceResolver = (reference: Readonly<Record<string, string>>, context: SubgraphContext) => unknown;

/** A file that anybody gets who knows its name. */
export interface PublicFile {
  readonly contentType: string;
  readonly cacheControl: string;
  readonly body: Uint8Array;
}

/** The running parts of a subgraph: its resolvers with their services, and what works in the background. */
export interface Assembly {
  /** One instance of each class in `resolvers` of the definition. */
  readonly resolvers: readonly object[];
  readonly references: Readonly<Record<string, ReferenceResolver>>;
  /** Public GET routes besides /graphql and /health: path to JSON. They need no signed context. */
  readonly routes?: Readonly<Record<string, () => unknown>>;
  /** Public files: path that ends in a slash to what finds a file by the rest of the path. They need no signed context. */
  readonly files?: Readonly<Record<string, (name: string) => Promise<PublicFile | null>>>;
  /** Demo accounts and data; called in demo mode only, at every start, so it must be idempotent. */
  seed?(): Promise<void>;
  /** Consumers and workers; called after migrations and seed. */
  start?(): Promise<void>;
  /** Ends what `start` began. The backbone, jobs, transport and database are closed by the platform. */
  stop?(): Promise<void>;
}

/** The manifest of a subgraph: the one file that says all there is. */
export interface SubgraphDefinition<Config = SharedSubgraphConfig> {
  /** Its name in rover.yaml, in signed contexts and in logs. */
  readonly name: string;
  readonly configSchema: z.ZodType<Config>;
  readonly entities: readonly Class[];
  /** In order; the first one creates the event tables. */
  readonly migrations: readonly Migration[];
  readonly resolvers: readonly Class[];
  /** Types that other subgraphs own and this one adds fields to. They vanish from the SDL unless listed. */
  readonly stubs: readonly Class[];
  readonly owners: Owners;
  assemble(resources: Resources<Config>): Assembly | Promise<Assembly>;
}

export function defineSubgraph<Config>(definition: SubgraphDefinition<Config>): SubgraphDefinition<Config> {
  return definition;
}

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import type { ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import { eventLogOf, loadConfig } from '../config/index.js';
import type { SharedSubgraphConfig } from '../config/index.js';
import { openDatabase } from '../database/index.js';
import { formatError } from '../errors/index.js';
import { createEventBackbone, createTransport } from '../events/index.js';
import type { EventBackbone } from '../events/index.js';
import { createJobWorker } from '../jobs/index.js';
import { runService } from '../lifecycle/index.js';
import type { RunningService } from '../lifecycle/index.js';
import { createLogger } from '../log/index.js';
import type { Logger } from '../log/index.js';
import { createMetrics } from '../metrics/index.js';
import { createCursorSigner } from '../pagination/index.js';
import { createSealer } from '../sealing/index.js';
import { buildFederatedSchema } from './build-schema.js';
import type { SubgraphDefinition } from './define-subgraph.js';
import { createSubgraphServer } from './http-server.js';
import { refuseUnstorableText } from './refuse-unstorable-text.js';
import { contextFactory } from './subgraph-context.js';
import type { SubgraphContext } from './subgraph-context.js';
import { serveSubscriptions } from './websocket-server.js';

/** Runs the subgraph as this process, configured by its environment. */
export function runSubgraph<Config extends SharedSubgraphConfig>(
  definition: SubgraphDefinition<Config>,
): Promise<void> {
  return runService(() => startSubgraph(definition));
}

/**
 * Starts a subgraph: database and migrations, events, schema, HTTP and WebSocket. `stop` goes the other way round.
 * Rejects with ConfigError when the environment is not usable.
 */
export async function startSubgraph<Config extends SharedSubgraphConfig>(
  definition: SubgraphDefinition<Config>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<RunningService> {
  const config = loadConfig(definition.configSchema, environment);
  const { name } = definition;
  const logger = createLogger(name, { level: config.LOG_LEVEL });
  const database = await openDatabase({
    url: config.DATABASE_URL,
    entities: [...definition.entities],
    migrations: definition.migrations,
    applicationName: `orion-${name}`,
  });
  const transport = createTransport({ ...eventLogOf(config), clientId: `orion-${name}`, logger });
  const metrics = createMetrics(name, logger);
  const backbone = createEventBackbone({
    service: name,
    dataSource: database,
    databaseUrl: config.DATABASE_URL,
    transport,
    logger,
    metrics,
    retry: {
      maxAttempts: config.EVENT_RETRY_ATTEMPTS,
      baseMs: config.EVENT_RETRY_BASE_MS,
      capMs: config.EVENT_RETRY_CAP_MS,
    },
  });
  const jobs = createJobWorker({
    service: name,
    dataSource: database,
    databaseUrl: config.DATABASE_URL,
    logger,
    metrics,
  });
  const sealer = createSealer(config.ORION_SEALING_KEY);
  const assembly = await definition.assemble({ config, database, backbone, jobs, transport, sealer, metrics, logger });
  const schema = await buildFederatedSchema(definition as SubgraphDefinition<never>, assembly);
  const apollo = createApollo(schema, { logger, production: config.NODE_ENV === 'production' });
  await apollo.start();
  if (config.ORION_DEMO) await assembly.seed?.();
  await backbone.start();
  await assembly.start?.();
  await jobs.start();
  const contextOf = contextFactory(assembly.resolvers, createCursorSigner(config.ORION_SEALING_KEY));
  const server = createSubgraphServer({
    name,
    apollo,
    contextOf,
    logger,
    contextSecret: config.ORION_CONTEXT_SECRET,
    production: config.NODE_ENV === 'production',
    routes: { '/health': () => health(name, backbone), ...assembly.routes },
    files: assembly.files ?? {},
    metricsPage: isCounting(config) ? metrics.page : undefined,
  });
  const sockets = serveSubscriptions(server, {
    name,
    schema,
    contextOf,
    contextSecret: config.ORION_CONTEXT_SECRET,
    logger,
  });
  server.listen(config.PORT, config.HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  logger.info({ port }, 'listening');
  return {
    port,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      await sockets.close();
      server.closeIdleConnections();
      await jobs.stop();
      await assembly.stop?.();
      await backbone.stop();
      await apollo.stop();
      server.closeAllConnections();
      await closed;
      await transport.close();
      await database.destroy();
      logger.info('stopped');
    },
  };
}

function createApollo(
  schema: GraphQLSchema,
  { logger, production }: { readonly logger: Logger; readonly production: boolean },
): ApolloServer<SubgraphContext> {
  const errorsWithRequestId: ApolloServerPlugin<SubgraphContext> = {
    requestDidStart: ({ contextValue }) =>
      Promise.resolve({
        willSendResponse: ({ response, errors }) => {
          if (response.body.kind === 'single' && response.body.singleResult.errors !== undefined) {
            response.body.singleResult.errors = response.body.singleResult.errors.map((formatted, index) =>
              formatError(formatted, { error: errors?.[index], requestId: contextValue.requestId, logger, production }),
            );
          }
          return Promise.resolve();
        },
      }),
  };
  return new ApolloServer<SubgraphContext>({
    schema,
    // The signed context stands before everything, so introspection is for the gateway's eyes only.
    introspection: true,
    csrfPrevention: false,
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    cache: 'bounded',
    logger,
    plugins: [
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      refuseUnstorableText,
      errorsWithRequestId,
    ],
  });
}

/**
 * 200 while the database answers, which is what a supervisor can mend with a restart or a router by looking elsewhere.
 * What stands still for another reason (a log that is away, a batch that fails for ever) is told to people: `degraded`.
 */
async function health(name: string, backbone: EventBackbone): Promise<unknown> {
  const events = await backbone.health();
  const stands = events.stuckGroups.length > 0 || events.unpublishedSince !== null;
  return stands ? { status: 'degraded', service: name, events } : { status: 'ok', service: name };
}

/** Unless told otherwise outside production: the port is the gateway's to reach, and nobody else's. */
function isCounting({ METRICS, NODE_ENV }: SharedSubgraphConfig): boolean {
  return METRICS === undefined ? NODE_ENV !== 'production' : METRICS !== 'false';
}

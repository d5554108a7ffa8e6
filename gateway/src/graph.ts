import { createEngineScope } from './execution/compile-operation.js';
import { createOperations } from './execution/create-operations.js';
import { createSubgraphClient } from './execution/subgraph-client.js';
import { createGenerations } from './planning/generations.js';
import type { Generation, GenerationListener } from './planning/generations.js';
import type { PreparationScope } from './planning/preparation-scope.js';
import { createPreparation } from './planning/prepare-operation.js';
import { createAuthorization } from './security/authorization.js';
import type { Settings } from './settings.js';
import type { Parts, ReadyState } from './stage.js';
import { createSubscriptions } from './subscriptions/subscriptions.js';
import { createUpstreams } from './subscriptions/upstreams.js';
import { createSupergraphKeeper } from './supergraph/supergraph-keeper.js';

/** Everything that hangs on the supergraph: its keeper, its generations, what executes on them. */
export interface Graph {
  /** Resolves when the first supergraph can be served. */
  open(): Promise<ReadyState>;
  /** Called for the first supergraph and after every reload. Returns how to stop listening. */
  onChange(listener: GenerationListener): () => void;
  close(): Promise<void>;
}

export function createGraph(settings: Settings, { logger, metrics }: Pick<Parts, 'logger' | 'metrics'>): Graph {
  const clientOptions = {
    contextSecret: settings.contextSecret,
    timeoutMs: settings.subgraphTimeoutMs,
    retries: settings.subgraphRetries,
    answerBytes: settings.subgraphAnswerBytes,
    circuitBreaker: settings.circuitBreaker,
    dedup: settings.dedup.subgraph,
    connections: settings.subgraphConnections,
    certificateAuthorities: settings.subgraphAuthorities,
    logger,
    metrics,
  };
  const client = createSubgraphClient(clientOptions);
  // Waiting for a subgraph that is not up yet opens no circuit, and who waits tries again by itself.
  const keeperClient = createSubgraphClient({ ...clientOptions, retries: 0, circuitBreaker: undefined });
  const keeper = createSupergraphKeeper(settings.supergraph, {
    client: keeperClient,
    subgraphUrls: settings.subgraphUrls,
    logger,
  });
  const urlOf = (name: string, routingUrl: string): string => settings.subgraphUrls[name] ?? routingUrl;
  const scopes = new WeakMap<Generation, PreparationScope>();

  /** What executing on a generation takes; made once for each. */
  const scopeOf = (generation: Generation): PreparationScope => {
    const known = scopes.get(generation);
    if (known !== undefined) return known;
    const { view } = generation;
    const engine = createEngineScope({
      view,
      client,
      addressOf: (name) => ({ name, url: urlOf(name, view.routingUrls.get(name) ?? '') }),
      errorPolicy: { production: settings.production, logger },
    });
    const authorization = createAuthorization(view.supergraphSchema, { evaluatePolicies: settings.evaluatePolicies });
    const scope = { generation, engine, authorization };
    scopes.set(generation, scope);
    return scope;
  };
  const preparation = createPreparation({ settings, metrics, current: () => scopeOf(generations.current()) });
  const generations = createGenerations({
    limits: settings.planner,
    warmUp: (next, previous) => preparation.warmUp(scopeOf(next), previous),
    logger,
    metrics,
  });

  return {
    open: async () => {
      generations.prepare();
      await generations.replace(await keeper.start((sdl) => generations.replace(sdl)));
      const { prepare } = preparation;
      const subscriptions = createSubscriptions({
        upstreams: createUpstreams({
          contextSecret: settings.contextSecret,
          protocols: settings.subscriptions.protocols,
          urls: settings.subscriptions.urls,
          certificateAuthorities: settings.subgraphAuthorities,
          logger,
        }),
        urlOf,
        prepare,
        isCurrent: (generation) => generation === generations.current(),
        settings,
        metrics,
        logger,
      });
      generations.onChange(() => {
        subscriptions
          .replan()
          .catch((error: unknown) => logger.error({ err: error }, 'subscriptions could not follow the new supergraph'));
      });
      return {
        phase: 'ready',
        operations: createOperations({ prepare, settings, metrics, logger }),
        subscriptions,
        prepare,
      };
    },
    onChange: (listener) => generations.onChange(listener),
    close: async () => {
      await keeper.stop();
      await generations.close();
      await Promise.all([client.close(), keeperClient.close()]);
    },
  };
}

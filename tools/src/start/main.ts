import { once } from 'node:events';
import path from 'node:path';
import { graphiqlFolder, openGraphiql } from '../pages/index.js';
import type { ServedGraphiql } from '../pages/index.js';
import { DEMO_PEOPLE, fixedPorts, listSubgraphs, startPlatform } from '../platform/index.js';
import type { Platform, PlatformEvent } from '../platform/index.js';
import { errorText } from '../problem/index.js';
import { banner, summary } from './banner.js';
import { findEndpoints } from './endpoints.js';
import type { Endpoint } from './endpoints.js';
import { requireKafka } from './kafka-check.js';
import { requireFreePorts } from './port-check.js';
import { refuseProductionDefaults } from './production.js';
import { selfCheck } from './self-check.js';
import type { SelfCheck } from './self-check.js';

/** How the bootstrap shows what takes its time (tools/bootstrap/progress.mjs). */
export interface Progress {
  during<T>(text: string, work: (step: { readonly update: (text: string) => void }) => Promise<T>): Promise<T>;
  line(text: string): void;
}

export interface StartOptions {
  /** The checkout, installed and built. */
  readonly root: string;
  /** Of the gateway. */
  readonly port: number;
  /** One line of JSON instead of the banner. */
  readonly json: boolean;
  readonly progress: Progress;
  /** Installs what pages are bundled from, unless it is there. */
  readonly addRest: () => Promise<void>;
  /** Aborts when the platform is to stop, at whatever moment. */
  readonly signal: AbortSignal;
}

/** `npm start`: the platform in demo mode until the signal aborts. Resolves with the exit status. */
export async function start(options: StartOptions): Promise<number> {
  const { root, port, progress, signal } = options;
  refuseProductionDefaults(process.env);
  const dataDir = path.resolve(root, process.env['ORION_DATA_DIR'] || '.orion');
  await requireFreePorts(fixedPorts(await listSubgraphs(root), { gatewayPort: port }), { root });
  await progress.during('looking for Kafka', ({ update }) =>
    requireKafka(process.env, { signal, onWait: (what) => update(`waiting for Kafka: ${what}`) }),
  );
  const hasGraphiql = servesGraphiql(process.env);
  const platform = await progress.during('starting', ({ update }) => {
    const waitingFor = new Set<string>();
    return startPlatform({
      mode: 'demo',
      root,
      gatewayPort: port,
      signal,
      dataDir,
      graphiqlDir: hasGraphiql ? graphiqlFolder(dataDir) : undefined,
      onEvent: (event) => {
        if (event.restarts === 0) {
          if (event.type === 'starting') waitingFor.add(event.name);
          else waitingFor.delete(event.name);
          update(waitingFor.size === 0 ? 'preparing databases' : `starting ${[...waitingFor].join(', ')}`);
        } else progress.line(describe(event));
      },
    });
  });
  let building: Promise<void> | undefined;
  try {
    const graphiql = hasGraphiql ? await openGraphiql({ root, dataDir, accounts: DEMO_PEOPLE }) : null;
    const [checks, endpoints] = await progress.during('checking', () =>
      Promise.all([checked(platform, { signal }), findEndpoints(platform)]),
    );
    signal.throwIfAborted();
    const isBuilding = graphiql?.isReady === false;
    const report = {
      root,
      platform,
      checks,
      endpoints: isBuilding ? endpoints.map(tellBuilding) : endpoints,
      readySeconds: process.uptime(),
    };
    process.stdout.write(options.json ? `${JSON.stringify(summary(report))}\n` : banner(report));
    if (isBuilding) building = finishGraphiql(graphiql, options);
    await once(signal, 'abort');
  } finally {
    progress.line('stopping');
    await Promise.all([platform.stop(), building]);
  }
  return 0;
}

/** Production has no introspection, which GraphiQL lives on, and no demo accounts; and who names a folder has a page. */
function servesGraphiql({ NODE_ENV, GRAPHIQL_DIR = '' }: Readonly<Record<string, string | undefined>>): boolean {
  return NODE_ENV !== 'production' && GRAPHIQL_DIR === '';
}

function tellBuilding(endpoint: Endpoint): Endpoint {
  return endpoint.path === '/graphiql' ? { ...endpoint, note: 'is being built' } : endpoint;
}

/** The platform serves meanwhile, and whatever comes out of it. */
async function finishGraphiql(graphiql: ServedGraphiql, { addRest, signal, progress }: StartOptions): Promise<void> {
  try {
    await graphiql.finish({ addRest, signal });
    if (!signal.aborted) progress.line('GraphiQL is built.');
  } catch (error) {
    progress.line(`GraphiQL is not there: ${errorText(error)} (its page tells more)`);
  }
}

/** Without demo accounts nobody can be signed in: then that all services are ready has to do. */
async function checked(platform: Platform, { signal }: { readonly signal: AbortSignal }): Promise<SelfCheck | null> {
  return process.env['NODE_ENV'] === 'production' ? null : selfCheck(platform, { signal });
}

function describe(event: PlatformEvent): string {
  switch (event.type) {
    case 'starting':
      return `${event.name}: starting again`;
    case 'ready':
      return `${event.name}: back after ${(event.afterMs / 1000).toFixed(1)} s`;
    case 'ended':
      return `${event.name}: ended (${event.how})${event.restartInMs === null ? '' : `, starts again in ${event.restartInMs} ms`}`;
  }
}

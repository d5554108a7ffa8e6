import { randomUUID } from 'node:crypto';
import { CONTEXT_HEADER, verifyContext } from '@orion/platform/identity';
import type { Viewer } from '@orion/platform/identity';
import { createTransport } from '@orion/platform/events';
import type { EventTransport } from '@orion/platform/events';
import { createTestDatabase } from '@orion/platform/testing';
import type { GatewayOptions } from '../settings.js';
import { createEventQueue } from './event-queue.js';
import type { EventQueue } from './event-queue.js';
import { compose, startTestGateway, testLogger } from './test-gateway.js';
import type { TestGateway } from './test-gateway.js';
import { startTestIssuer } from './test-issuer.js';
import type { TestIssuer } from './test-issuer.js';
import { startTestSubgraph } from './test-subgraph.js';
import type { TestSubgraph } from './test-subgraph.js';

export const CONTEXT_SECRET = 'a secret of at least thirty-two characters';

const SDL = `
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Viewer { kind: String! userId: String! sessionId: String! impersonatorId: String permissions: [String!]! methods: [String!]! }
type Query { viewer: Viewer }
type Mutation { touch: Viewer }
type Subscription { ticks: Int! }
`;

/** A gateway over a subgraph that says who it is told is calling, and a real bus that announces to the gateway. */
export interface ViewerGraph {
  readonly gateway: TestGateway;
  readonly issuer: TestIssuer;
  readonly subgraph: TestSubgraph;
  /** What the subgraph was told. */
  viewerOf(authorization: string): Promise<Viewer | null>;
  /** Puts `dev.orion.TYPE.v1` on the bus. */
  announce(type: string, data: { readonly userId?: string; readonly [name: string]: unknown }): Promise<void>;
  /** The next event to every subscription. */
  tick(): void;
  stop(): Promise<void>;
}

export async function startViewerGraph(
  options: Omit<Partial<GatewayOptions>, 'supergraph' | 'logger'> = {},
): Promise<ViewerGraph> {
  const queues = new Set<EventQueue<number>>();
  let ticks = 0;
  const subgraph = await startTestSubgraph({
    name: 'viewers',
    sdl: SDL,
    resolvers: {
      Query: { viewer: (_: unknown, __: unknown, context: unknown) => told(context) },
      Mutation: { touch: (_: unknown, __: unknown, context: unknown) => told(context) },
      Subscription: {
        ticks: {
          subscribe: () => {
            const queue: EventQueue<number> = createEventQueue<number>({
              limit: 100,
              onOverflow: () => undefined,
              onDone: () => queues.delete(queue),
            });
            queues.add(queue);
            return queue;
          },
          resolve: (n: number) => n,
        },
      },
    },
  });
  const issuer = await startTestIssuer();
  const database = await createTestDatabase();
  const open = (): EventTransport =>
    createTransport({ busDatabaseUrl: database.url, clientId: 'gateway-test', logger: testLogger });
  const [bus, feed] = [open(), open()];
  const gateway = await startTestGateway({
    supergraph: { sdl: await compose([subgraph]) },
    tokens: issuer.rules,
    contextSecret: CONTEXT_SECRET,
    revocationFeed: feed,
    ...options,
  });
  return {
    gateway,
    issuer,
    subgraph,
    viewerOf: async (authorization) => {
      const { status, data, errors } = await gateway.ask(
        '{ viewer { kind userId sessionId impersonatorId permissions methods } }',
        { headers: { authorization } },
      );
      if (status !== 200 || errors !== undefined) throw new Error(`${status} ${JSON.stringify(errors)}`);
      return data?.['viewer'] as Viewer | null;
    },
    announce: (type, data) => {
      const id = randomUUID();
      const service = type.startsWith('session') ? 'auth' : 'user';
      return bus.append([
        {
          id,
          type: `dev.orion.${type}.v1`,
          source: `/subgraphs/${service}`,
          topic: `orion.${service}`,
          key: data.userId ?? id,
          time: new Date().toISOString(),
          correlationId: id,
          causationId: id,
          actorId: null,
          data,
        },
      ]);
    },
    tick: () => {
      ticks += 1;
      for (const queue of queues) queue.push(ticks);
    },
    stop: async () => {
      await gateway.stop();
      await Promise.all([subgraph.stop(), issuer.stop(), bus.close(), feed.close()]);
      await database.drop();
    },
  };
}

async function told(context: unknown): Promise<Viewer | null> {
  const { headers, body } = context as { readonly headers: Record<string, string>; readonly body: string };
  const { viewer } = await verifyContext(headers[CONTEXT_HEADER], {
    secret: CONTEXT_SECRET,
    audience: 'viewers',
    body,
  });
  return viewer;
}

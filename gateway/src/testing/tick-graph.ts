import { createEventQueue } from './event-queue.js';
import type { EventQueue } from './event-queue.js';
import { compose } from './test-gateway.js';
import { startTestSubgraph } from './test-subgraph.js';
import type { TestSubgraph } from './test-subgraph.js';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])`;

/** What a tick graph looks like at the moment. */
export interface TickGraphShape {
  /** Says under which address the ticks are served: another one is another stream. */
  readonly address: number;
  /** `Room.topic` is there. */
  readonly hasTopic: boolean;
  /** The name of a room comes with the tick: the stream is asked for something else. */
  readonly hasName?: boolean;
}

/** Ticks of rooms, numbered, completed with the name of the room from another subgraph. */
export interface TickGraph {
  readonly ticks: TestSubgraph;
  readonly rooms: TestSubgraph;
  /** The next number to every stream of the room. */
  tick(room: string): void;
  /** How often each room has ticked. */
  readonly counts: ReadonlyMap<string, number>;
  supergraph(shape: TickGraphShape): Promise<string>;
  stop(): Promise<void>;
}

const ticksSdl = (hasName: boolean): string => `${LINK}
type Room @key(fields: "id", resolvable: false) { id: ID! ${hasName ? 'name: String! @shareable' : ''} }
type Tick { n: Int! room: Room! }
type Query { ok: Boolean }
type Subscription { ticks(room: ID!): Tick! }
`;

const roomsSdl = (hasTopic: boolean): string => `${LINK}
type Room @key(fields: "id") { id: ID! name: String! @shareable ${hasTopic ? 'topic: String!' : ''} }
type Query { room(id: ID!): Room }
`;

export async function startTickGraph(): Promise<TickGraph> {
  const listeners = new Map<string, Set<EventQueue<number>>>();
  const counts = new Map<string, number>();
  const listen = (room: string): EventQueue<number> => {
    const queues = listeners.get(room) ?? new Set();
    listeners.set(room, queues);
    const queue: EventQueue<number> = createEventQueue<number>({
      limit: 100_000,
      onOverflow: () => undefined,
      onDone: () => queues.delete(queue),
    });
    queues.add(queue);
    return queue;
  };
  const describe = (id: string) => ({ id, name: `room ${id}`, topic: `topic ${id}` });
  const ticks = await startTestSubgraph({
    name: 'ticks',
    sdl: ticksSdl(true),
    resolvers: {
      Query: { ok: () => true },
      Subscription: {
        ticks: {
          subscribe: (_: unknown, { room }: { readonly room: string }) => listen(room),
          resolve: (n: number, { room }: { readonly room: string }) => ({ n, room: describe(room) }),
        },
      },
    },
  });
  const rooms = await startTestSubgraph({
    name: 'rooms',
    sdl: roomsSdl(true),
    resolvers: {
      Query: { room: (_: unknown, { id }: { readonly id: string }) => describe(id) },
      Room: { __resolveReference: ({ id }: { readonly id: string }) => describe(id) },
    },
  });
  return {
    ticks,
    rooms,
    tick: (room) => {
      const n = (counts.get(room) ?? 0) + 1;
      counts.set(room, n);
      listeners.get(room)?.forEach((queue) => queue.push(n));
    },
    counts,
    supergraph: ({ address, hasTopic, hasName = false }) =>
      compose([
        { ...ticks, url: `${ticks.url}?address=${address}`, sdl: ticksSdl(hasName) },
        { ...rooms, sdl: roomsSdl(hasTopic) },
      ]),
    stop: async () => {
      await Promise.all([ticks.stop(), rooms.stop()]);
    },
  };
}

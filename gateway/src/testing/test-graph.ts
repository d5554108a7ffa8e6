import { createEventQueue } from './event-queue.js';
import type { EventQueue } from './event-queue.js';
import { startTestSubgraph } from './test-subgraph.js';
import type { TestSubgraph } from './test-subgraph.js';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])`;

export const ACCOUNTS_SDL = `${LINK}
type User @key(fields: "id") { id: ID! name: String! nickname: String friends: [User!]! }
interface Being { id: ID! }
type Query { me: User user(id: ID!): User echo(text: String!): String fails: String failsWithCode: String needed: String! slow(ms: Int!): String }
type Mutation { login(password: String!): String rename(id: ID!, name: String!): User }
`;

export const INBOX_SDL = `${LINK}
type User @key(fields: "id", resolvable: false) { id: ID! }
interface Item { id: ID! title: String! }
type Note implements Item { id: ID! title: String! actor: User actors: [User!]! urgent: Boolean! }
type Alarm implements Item { id: ID! title: String! level: Int! }
type Query { notes: [Note!]! }
type Subscription { noted(topic: String!): Note item(topic: String!): Item! brokenNote(topic: String!): Note }
`;

export interface NoteEvent {
  readonly __typename?: string;
  readonly id: string;
  readonly title: string | null;
  readonly actor?: { readonly id: string } | null;
  readonly actors?: readonly { readonly id: string }[];
  readonly urgent?: boolean;
  readonly level?: number;
}

/** Two subgraphs: people, and notes about people with a live feed. */
export interface TestGraph {
  readonly accounts: TestSubgraph;
  readonly inbox: TestSubgraph;
  publish(topic: string, note: NoteEvent): void;
  /** Ends every running subscription of the topic from the subgraph's side. */
  finish(topic: string): void;
  readonly subgraphs: readonly TestSubgraph[];
  stop(): Promise<void>;
}

const USERS: readonly { readonly id: string; readonly name: string | null; readonly nickname: string | null }[] = [
  { id: '1', name: 'Ada', nickname: 'ada' },
  { id: '2', name: 'Grace', nickname: null },
  { id: 'nameless', name: null, nickname: null },
];

export const accountsResolvers = {
  User: {
    __resolveReference: ({ id }: { readonly id: string }) => USERS.find((user) => user.id === id) ?? null,
    friends: () => [USERS[1]],
  },
  Query: {
    me: () => USERS[0],
    user: (_: unknown, { id }: { readonly id: string }) => USERS.find((user) => user.id === id) ?? null,
    echo: (_: unknown, { text }: { readonly text: string }) => text,
    slow: (_: unknown, { ms }: { readonly ms: number }) =>
      new Promise((resolve) => setTimeout(() => resolve('done'), ms).unref()),
    fails: () => {
      throw new Error('secret detail of the database');
    },
    failsWithCode: () => {
      throw Object.assign(new Error('You may not.'), { extensions: { code: 'FORBIDDEN' } });
    },
    needed: () => null,
  },
  Mutation: {
    login: () => 'token',
    rename: (_: unknown, { id, name }: { readonly id: string; readonly name: string }) => ({ id, name }),
  },
};

export async function startTestGraph({
  accountsPort = 0,
}: { readonly accountsPort?: number } = {}): Promise<TestGraph> {
  const topics = new Map<string, Set<EventQueue<NoteEvent>>>();
  const listen = (topic: string): EventQueue<NoteEvent> => {
    const queues = topics.get(topic) ?? new Set();
    topics.set(topic, queues);
    const queue: EventQueue<NoteEvent> = createEventQueue<NoteEvent>({
      limit: 100_000,
      onOverflow: () => undefined,
      onDone: () => queues.delete(queue),
    });
    queues.add(queue);
    return queue;
  };
  const subscribe = (_: unknown, { topic }: { readonly topic: string }) => listen(topic);
  const resolve = (note: NoteEvent) => note;
  const inboxResolvers = {
    Item: { __resolveType: (note: NoteEvent) => note.__typename ?? 'Note' },
    Note: { actors: (note: NoteEvent) => note.actors ?? [], urgent: (note: NoteEvent) => note.urgent ?? false },
    Query: {
      notes: () => [
        { id: 'n1', title: 'first', actor: { id: '1' } },
        { id: 'n2', title: 'second', actor: { id: '1' } },
      ],
    },
    Subscription: {
      noted: { subscribe, resolve },
      item: { subscribe, resolve },
      brokenNote: {
        subscribe,
        resolve: () => {
          throw new Error('secret detail of the feed');
        },
      },
    },
  };
  const accounts = await startTestSubgraph({
    name: 'accounts',
    sdl: ACCOUNTS_SDL,
    resolvers: accountsResolvers,
    port: accountsPort,
  });
  const inbox = await startTestSubgraph({ name: 'inbox', sdl: INBOX_SDL, resolvers: inboxResolvers });
  return {
    accounts,
    inbox,
    subgraphs: [accounts, inbox],
    publish: (topic, note) => topics.get(topic)?.forEach((queue) => queue.push(note)),
    finish: (topic) => topics.get(topic)?.forEach((queue) => queue.end()),
    stop: async () => {
      await Promise.all([accounts.stop(), inbox.stop()]);
    },
  };
}

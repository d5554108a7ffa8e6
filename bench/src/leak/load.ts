import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** Load on a gateway until it is stopped. */
export interface Load {
  /** What has been done so far. */
  counts(): Counts;
  stop(): Promise<void>;
}

export interface Counts {
  readonly requests: number;
  /** Operations whose text had never been sent before. */
  readonly distinct: number;
  readonly subscriptions: number;
  readonly events: number;
  /** Answers other than expected, and none at all. */
  readonly failures: number;
  /** What the last of them was. */
  readonly lastFailure: string | undefined;
}

/** Requests under way at one time, and how often each requester sends one: the same load whatever else the machine does. */
const REQUESTERS = 4;
const REQUEST_MS = 100;
/** Subscriptions open at one time, each on a socket of its own. */
const SUBSCRIBERS = 20;
/** One request of so many is an operation that nobody has sent before. */
const DISTINCT_EVERY = 4;
/** Events that a subscriber takes before it leaves. */
const EVENTS = 10;

const FIXED = [
  '{ items(first: 20) { title by { name } } }',
  'query People($id: ID!) { person(id: $id) { name friends { name friends { id } } } }',
  'mutation Rename($id: ID!) { rename(id: $id, name: "new") { id name } }',
  '{ items(first: 3) { id } nothing }',
];

export function startLoad(endpoint: string): Load {
  const counts = { requests: 0, distinct: 0, subscriptions: 0, events: 0, failures: 0 };
  let lastFailure: string | undefined;
  let isStopping = false;
  const fail = (reason: unknown): void => {
    counts.failures += 1;
    lastFailure = reason instanceof Error ? reason.message : JSON.stringify(reason);
  };

  const request = async (turn: number): Promise<void> => {
    const isDistinct = turn % DISTINCT_EVERY === 0;
    const query = isDistinct
      ? `query Distinct${turn} { a${turn}: items(first: 5) { title by { name friends { b${turn}: name } } } }`
      : (FIXED[Math.floor(turn / DISTINCT_EVERY) % FIXED.length] ?? '');
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { id: String(turn) } }),
    });
    const { errors } = (await response.json()) as { readonly errors?: readonly unknown[] };
    counts.requests += 1;
    if (isDistinct) counts.distinct += 1;
    if (errors !== undefined && !query.includes('nothing')) fail(errors);
  };
  let turns = 0;
  const requester = async (): Promise<void> => {
    for (let due = performance.now(); !isStopping; due += REQUEST_MS) {
      turns += 1;
      await request(turns).catch(fail);
      await wait(Math.max(0, due - performance.now()));
    }
  };

  const subscribe = async (turn: number): Promise<void> => {
    const client = createClient({ url: endpoint.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 });
    const events = client.iterate({
      query: 'subscription Items($topic: String!) { item(topic: $topic) { title by { name } } }',
      variables: { topic: `topic-${turn % 40}` },
    });
    counts.subscriptions += 1;
    let seen = 0;
    for await (const { errors } of events) {
      counts.events += 1;
      if (errors !== undefined) fail(errors);
      seen += 1;
      if (seen === EVENTS || isStopping) break;
    }
    await client.dispose();
  };
  const subscriber = async (first: number): Promise<void> => {
    for (let turn = first; !isStopping; turn += SUBSCRIBERS) await subscribe(turn).catch(fail);
  };

  const running = [
    ...Array.from({ length: REQUESTERS }, requester),
    ...Array.from({ length: SUBSCRIBERS }, (_, first) => subscriber(first)),
  ];
  return {
    counts: () => ({ ...counts, lastFailure }),
    stop: async () => {
      isStopping = true;
      await Promise.all(running);
    },
  };
}

import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '@orion/platform/testing';
import { NO_METRICS } from '../observability/metrics.js';
import { subscribeRaw } from '../testing/raw-subscriber.js';
import type { RawSubscriber } from '../testing/raw-subscriber.js';
import { reloadableSupergraph } from '../testing/reloadable-supergraph.js';
import { startTestGateway } from '../testing/test-gateway.js';
import { startTickGraph } from '../testing/tick-graph.js';

/** A minute of it with a thousand sockets: ORION_RELOAD_SECONDS=60 ORION_RELOAD_CLIENTS=1000. */
const SECONDS = Number(process.env['ORION_RELOAD_SECONDS'] ?? 5);
const CLIENTS = Number(process.env['ORION_RELOAD_CLIENTS'] ?? 100);
const ROOMS = Math.min(20, CLIENTS);
const TICK_MS = 250;
const CONNECTED_AT_A_TIME = 50;

/** Two completions of each event in each room; the ids are variables, so the streams are as many as the rooms. */
const QUERIES = [
  'subscription ($room: ID!) { ticks(room: $room) { n room { name } } }',
  'subscription ($room: ID!) { ticks(room: $room) { n room { id label: name } } }',
];

test(
  `a new supergraph every second for ${SECONDS} seconds: ${CLIENTS} clients get every event, once and in order`,
  async () => {
    const graph = await startTickGraph();
    const shapes = [
      { address: 1, hasTopic: true },
      { address: 1, hasTopic: false },
      { address: 2, hasTopic: false },
      { address: 2, hasTopic: true, hasName: true },
      { address: 3, hasTopic: true },
    ];
    const sdls = await Promise.all(shapes.map((shape) => graph.supergraph(shape)));
    const supergraph = reloadableSupergraph(sdls[0] ?? '');
    let reloads = 0;
    const gateway = await startTestGateway({
      supergraph: { manager: supergraph.manager },
      connections: { perIp: CLIENTS },
      metrics: { ...NO_METRICS, supergraphReloaded: () => void (reloads += 1) },
    });
    const clients: { readonly room: string; readonly subscriber: RawSubscriber }[] = [];
    while (clients.length < CLIENTS) {
      const some = Array.from({ length: Math.min(CONNECTED_AT_A_TIME, CLIENTS - clients.length) }, async (_, index) => {
        const number = clients.length + index;
        const room = String(number % ROOMS);
        const query = QUERIES[Math.floor(number / ROOMS) % QUERIES.length] ?? '';
        return { room, subscriber: await subscribeRaw(gateway.socketUrl, query, { room }) };
      });
      clients.push(...(await Promise.all(some)));
    }
    // A first tick is missed by those who are not there yet; from the first that a client has seen it misses none.
    await eventually(
      async () => {
        tickAll();
        await wait(TICK_MS);
        return clients.every(({ subscriber }) => subscriber.events.length > 0);
      },
      { within: 30_000 },
    );
    expect(graph.ticks.liveSubscriptions()).toBe(ROOMS);

    const end = Date.now() + SECONDS * 1_000;
    let changes = 0;
    while (Date.now() < end || changes <= sdls.length) {
      const served = reloads;
      changes += 1;
      supergraph.change(sdls[changes % sdls.length] ?? '');
      const nextChange = Date.now() + 1_000;
      while (Date.now() < nextChange || reloads === served) {
        tickAll();
        await wait(TICK_MS);
      }
    }
    await eventually(() => clients.every(({ room, subscriber }) => lastOf(subscriber) === graph.counts.get(room)), {
      within: 30_000,
    });
    // The stream's address has changed at least twice: that many sockets were opened towards it.
    expect(graph.ticks.connections.length).toBeGreaterThan(2);
    for (const { room, subscriber } of clients) {
      const numbers = subscriber.events.map(numberOf);
      const first = numbers[0] ?? 0;
      const last = graph.counts.get(room) ?? 0;
      expect(numbers).toEqual(Array.from({ length: last - first + 1 }, (_, index) => first + index));
      expect(subscriber.others).toEqual([]);
    }
    for (const { subscriber } of clients) subscriber.close();
    await gateway.stop();
    await graph.stop();

    function tickAll(): void {
      for (let room = 0; room < ROOMS; room += 1) graph.tick(String(room));
    }
  },
  (SECONDS + 120) * 1_000,
);

function numberOf(event: string): number {
  return (JSON.parse(event) as { readonly data: { readonly ticks: { readonly n: number } } }).data.ticks.n;
}

function lastOf({ events }: RawSubscriber): number | undefined {
  const last = events.at(-1);
  return last === undefined ? undefined : numberOf(last);
}

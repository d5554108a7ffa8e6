import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import pg from 'pg';
import type { EntityManager } from 'typeorm';
import { eventually } from '../../testing/eventually.js';
import { consume } from '../consuming/consumer.js';
import type { EventEnvelope } from '../envelope.js';
import { counted, openEventTestBed, recordEffects, silent } from '../testing/event-test-bed.js';
import type { EventTestBed } from '../testing/event-test-bed.js';
import { recordingTransport } from '../testing/recording-transport.js';
import { numbersOf } from '../testing/sample-event.js';
import { createPostgresTransport } from '../transport/postgres/postgres-transport.js';
import type { EventTransport } from '../transport/transport.js';
import { publish } from './outbox.js';
import { startRelay } from './relay.js';
import type { EventRelay } from './relay.js';

const FIXTURE = fileURLToPath(new URL('../testing/event-process.fixture.js', import.meta.url));

let bed: EventTestBed;
const relays: EventRelay[] = [];

beforeAll(async () => {
  bed = await openEventTestBed();
});
afterAll(() => bed.close());
afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  await bed.dataSource.query('TRUNCATE outbox');
});

function start(transport: EventTransport, { service = 'test', logger = silent } = {}): EventRelay {
  const relay = startRelay({ databaseUrl: bed.databaseUrl, service, transport, logger });
  relays.push(relay);
  return relay;
}

const say = (n: number, counterId = 'c') =>
  bed.dataSource.transaction((manager) => publish(manager, [counted.of({ counterId, n })]));

const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => counted.of({ counterId: 'c', n: from + index }));

const outboxIsEmpty = async () => {
  const rows: unknown[] = await bed.dataSource.query('SELECT 1 FROM outbox LIMIT 1');
  return rows.length === 0;
};

describe('relay', () => {
  it('moves what is committed to the transport, in order, and empties the outbox', async () => {
    await bed.dataSource.transaction((manager) => publish(manager, numbered(0, 1_200)));
    const { events, transport } = recordingTransport();
    start(transport);
    await eventually(() => events.length === 1_200);
    expect(numbersOf(events)).toEqual(Array.from({ length: 1_200 }, (_, n) => n));
    await say(1_200);
    await eventually(() => events.length === 1_201);
    await eventually(outboxIsEmpty);
  });

  it('finds an event that commits after a later one was moved', async () => {
    const { events, transport } = recordingTransport();
    start(transport);
    const slow = bed.dataSource.createQueryRunner();
    await slow.startTransaction();
    await publish(slow.manager, [counted.of({ counterId: 'slow', n: 1 })]);
    await say(2, 'fast');
    await eventually(() => events.length === 1);
    await slow.commitTransaction();
    await slow.release();
    await eventually(() => events.length === 2);
    expect(numbersOf(events)).toEqual([2, 1]);
  });

  it('keeps the order of a key although an older transaction publishes last and a third one stays open', async () => {
    // With a read horizon on transaction ids, `open` would hide the first event and let the second pass.
    const [older, open] = [bed.dataSource.createQueryRunner(), bed.dataSource.createQueryRunner()];
    await older.startTransaction();
    await older.query('SELECT pg_current_xact_id()');
    await open.startTransaction();
    await open.query('SELECT pg_current_xact_id()');
    await say(1, 'same');
    await publish(older.manager, [counted.of({ counterId: 'same', n: 2 })]);
    await older.commitTransaction();
    const { events, transport } = recordingTransport();
    start(transport);
    await eventually(() => events.length === 2);
    expect(numbersOf(events)).toEqual([1, 2]);
    await open.rollbackTransaction();
    await Promise.all([older.release(), open.release()]);
  });

  it('has one active relay a database; the next takes over when its session ends', async () => {
    const [first, second] = [recordingTransport(), recordingTransport()];
    start(first.transport, { service: 'first' });
    await say(1);
    await eventually(() => first.events.length === 1);
    start(second.transport, { service: 'second' });
    await eventually(async () => {
      const rows: unknown[] = await bed.dataSource.query(
        `SELECT 1 FROM pg_stat_activity WHERE application_name = 'orion-second-relay'`,
      );
      return rows.length === 1;
    });
    await say(2);
    await eventually(() => first.events.length === 2);
    expect(second.events).toEqual([]);
    await relays.shift()?.stop();
    await say(3);
    await eventually(() => second.events.length === 1);
    expect(numbersOf([...first.events, ...second.events])).toEqual([1, 2, 3]);
  });

  it('waits for a broker that is down, says so once, and loses nothing', async () => {
    let down = true;
    let attempts = 0;
    const { events, transport } = recordingTransport(() => {
      attempts += 1;
      return down ? Promise.reject(new Error('broker is down')) : Promise.resolve();
    });
    const warn = jest.fn();
    const info = jest.fn();
    start(transport, { logger: Object.assign(Object.create(silent) as typeof silent, { warn, info }) });
    await say(1);
    await eventually(() => attempts >= 3);
    await say(2);
    expect(warn).toHaveBeenCalledTimes(1);
    down = false;
    await eventually(() => events.length === 2);
    expect(numbersOf(events)).toEqual([1, 2]);
    await eventually(() => info.mock.calls.length === 1);
  });

  it('comes back when Postgres ends its connection', async () => {
    const { events, transport } = recordingTransport();
    start(transport, { service: 'cut' });
    // Cut between append and delete, a batch is appended again: consumers drop by id what they have seen.
    const seen = () => [...new Set(numbersOf(events))];
    for (let n = 1; n <= 4; n += 1) {
      await say(n);
      await eventually(() => seen().length === n);
      await bed.cutConnections('orion-cut-relay');
    }
    expect(seen()).toEqual([1, 2, 3, 4]);
  });

  it('doubles no effect when it is killed between append and delete', async () => {
    const transport = createPostgresTransport({ url: bed.busUrl, clientId: 'test', logger: silent });
    const group = 'relay-crash';
    // Five hundred effects one by one take seconds on a busy machine.
    const batch = async (events: readonly EventEnvelope[], manager: EntityManager) => {
      await manager.query(
        `INSERT INTO effects (grp, event_id, key, n, pid)
         SELECT $1, (event->>'id')::uuid, event->>'key', (event->'data'->>'n')::int, 0
         FROM json_array_elements($2::json) WITH ORDINALITY AS taken (event, ordinal) ORDER BY ordinal`,
        [group, JSON.stringify(events)],
      );
    };
    const consumer = await consume({
      dataSource: bed.dataSource,
      transport,
      group,
      topics: ['orion.user'],
      ordering: 'key',
      handle: Object.assign(recordEffects(group), { batch }),
      logger: silent,
    });
    // After the only batch, and after the second of two, when the first was being deleted.
    let published = 0;
    for (const [events, appends] of [
      [3, '1'],
      [520, '2'],
    ] as const) {
      const from = published;
      await bed.dataSource.transaction((manager) => publish(manager, numbered(from, events)));
      published += events;
      const child = fork(FIXTURE, ['relay-dies-after-append', bed.databaseUrl, bed.busUrl, appends]);
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      expect(signal).toBe('SIGKILL');
      expect(await outboxIsEmpty()).toBe(false);
    }
    start(transport);
    await eventually(async () => (await bed.effects(group)).some(({ n }) => n === published - 1), { within: 25_000 });
    expect((await bed.effects(group)).map(({ n }) => n)).toEqual(Array.from({ length: published }, (_, n) => n));
    await consumer.stop();
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
    await transport.close();
  });

  it('does nothing while nothing happens, but one small query a second', async () => {
    const { transport } = recordingTransport();
    start(transport, { service: 'idle' });
    await say(1);
    await eventually(outboxIsEmpty);
    const client = new pg.Client({ connectionString: bed.databaseUrl });
    await client.connect();
    const lastQuery = async () => {
      const { rows } = await client.query<{ state_change: Date; state: string }>(
        `SELECT state_change, state FROM pg_stat_activity WHERE application_name = 'orion-idle-relay'`,
      );
      return rows[0]?.state === 'idle' ? rows[0].state_change.getTime() : undefined;
    };
    await eventually(lastQuery);
    const polls = new Set<number>();
    const begun = Date.now();
    await eventually(async () => {
      const at = await lastQuery();
      if (at !== undefined) polls.add(at);
      return Date.now() - begun > 2_500;
    });
    expect(polls.size).toBeLessThanOrEqual(4);
    await client.end();
  });
});

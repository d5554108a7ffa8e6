import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createLogger } from '../../../log/index.js';
import { eventually } from '../../../testing/eventually.js';
import { createTestDatabase } from '../../../testing/test-database.js';
import type { TestDatabase } from '../../../testing/test-database.js';
import type { EventEnvelope } from '../../envelope.js';
import { numbersOf, sampleEvent } from '../../testing/sample-event.js';
import { describeTransportContract } from '../../testing/transport-contract.js';
import { createPostgresBus } from './postgres-bus.js';
import { createPostgresTransport, pruneBus } from './postgres-transport.js';

const logger = createLogger('test', { level: 'silent' });
let database: TestDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await database.drop();
});

const open = (clientId = 'test') => createPostgresTransport({ url: database.url, clientId, logger });

describeTransportContract('postgres', {
  address: () => ({ busDatabaseUrl: database.url }),
  // Its session ends with it, and another one asks for the lock every second: the rest is for a busy machine.
  takeOverMs: 8_000,
  laterTopicMs: 2_000,
});

describe('postgres transport', () => {
  it('appends an id once', async () => {
    const transport = open();
    const event = sampleEvent(`orion.${randomUUID()}`, { key: 'a', n: 0 });
    await transport.append([event, event]);
    await transport.append([event]);
    const { rows } = await admin.query('SELECT 1 FROM log WHERE id = $1', [event.id]);
    expect(rows).toHaveLength(1);
    await transport.close();
  });

  it('keeps an append invisible to a later one that would overtake it', async () => {
    // A transaction that has its place in the log but has not committed yet: the later append waits for it, so a reader
    // can never have passed its place. With a cursor on seq alone, and no turns, the event would be lost.
    const transport = open();
    const topic = `orion.${randomUUID()}`;
    await transport.ping();
    await transport.append([sampleEvent(topic, { key: 'a', n: 0 })]);
    const slow = new pg.Client({ connectionString: database.url });
    await slow.connect();
    const late = sampleEvent(topic, { key: 'a', n: 1 });
    await slow.query('BEGIN');
    await slow.query('SELECT pg_advisory_xact_lock($1, 2)', [0x0a12]);
    await slow.query('INSERT INTO log (id, topic, key, type, envelope) VALUES ($1, $2, $3, $4, $5)', [
      late.id,
      topic,
      late.key,
      late.type,
      JSON.stringify(late),
    ]);
    const seen: EventEnvelope[] = [];
    const subscription = await transport.subscribe([topic], {
      group: randomUUID(),
      onBatch: (batch) => {
        seen.push(...batch);
        return Promise.resolve();
      },
    });
    const appended = transport.append([sampleEvent(topic, { key: 'a', n: 2 })]);
    await eventually(async () => {
      const { rows } = await admin.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`);
      return rows.length > 0 && seen.length === 1;
    });
    await slow.query('COMMIT');
    await slow.end();
    await appended;
    await eventually(() => seen.length === 3);
    expect(numbersOf(seen)).toEqual([0, 1, 2]);
    await subscription.stop();
    await transport.close();
  });

  it('gives the group to another process when the session of its reader dies', async () => {
    const topic = `orion.${randomUUID()}`;
    const group = randomUUID();
    const [first, second] = [open('first'), open('second')];
    const readers: string[] = [];
    const seen: EventEnvelope[] = [];
    const onBatch = (name: string) => (batch: readonly EventEnvelope[]) => {
      readers.push(name);
      seen.push(...batch);
      return Promise.resolve();
    };
    await first.append([sampleEvent(topic, { key: 'a', n: 0 })]);
    await first.subscribe([topic], { group, onBatch: onBatch('first') });
    await eventually(() => seen.length === 1);
    await second.subscribe([topic], { group, onBatch: onBatch('second') });
    const { rows } = await admin.query<{ fence: string }>('SELECT fence FROM cursors WHERE grp = $1', [group]);
    // Nobody can take over from a live reader; only the end of its session lets them.
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
       WHERE locktype = 'advisory' AND application_name = 'first-bus-listener'`,
    );
    await eventually(async () => {
      const { rows: now } = await admin.query<{ fence: string }>('SELECT fence FROM cursors WHERE grp = $1', [group]);
      return Number(now[0]?.fence) > Number(rows[0]?.fence);
    });
    await first.append([sampleEvent(topic, { key: 'a', n: 1 })]);
    await eventually(() => seen.length === 2);
    expect(numbersOf(seen)).toEqual([0, 1]);
    await Promise.all([first.close(), second.close()]);
  });

  it('does not let a reader that was replaced move the cursor', async () => {
    const topic = `orion.${randomUUID()}`;
    const group = randomUUID();
    const transport = open();
    let deliveries = 0;
    await transport.append([sampleEvent(topic, { key: 'a', n: 0 })]);
    await transport.subscribe([topic], {
      group,
      onBatch: async () => {
        deliveries += 1;
        // While the handler runs, somebody else takes the group over.
        if (deliveries === 1) await admin.query('UPDATE cursors SET fence = fence + 10 WHERE grp = $1', [group]);
      },
    });
    await eventually(() => deliveries === 2);
    await transport.close();
    const { rows } = await admin.query<{ seq: string }>('SELECT seq FROM cursors WHERE grp = $1', [group]);
    expect(Number(rows[0]?.seq)).toBeGreaterThan(0);
  });

  it('finds events whose notification was lost with the connection', async () => {
    const topic = `orion.${randomUUID()}`;
    const transport = open('deaf');
    const seen: EventEnvelope[] = [];
    await transport.tail([topic], { onEvent: (event) => void seen.push(event) });
    for (let n = 0; n < 5; n += 1) {
      await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'deaf-bus%'`,
      );
      await eventually(() => transport.append([sampleEvent(topic, { key: 'a', n })]).then(() => true));
    }
    await eventually(() => seen.length === 5);
    expect(numbersOf(seen)).toEqual([0, 1, 2, 3, 4]);
    await transport.close();
  });

  it('reads from the number of a log row on, in a new group and in a replay', async () => {
    const topic = `orion.${randomUUID()}`;
    const transport = open();
    await transport.append(Array.from({ length: 4 }, (_, n) => sampleEvent(topic, { key: 'a', n })));
    const { rows } = await admin.query<{ seq: string }>(
      `SELECT seq FROM log WHERE topic = $1 AND envelope -> 'data' ->> 'n' = '2'`,
      [topic],
    );
    const from = { offset: Number(rows[0]?.seq) };
    const [seen, read]: [number[], number[]] = [[], []];
    const keepIn = (numbers: number[]) => (batch: readonly EventEnvelope[]) => {
      numbers.push(...numbersOf(batch));
      return Promise.resolve();
    };
    await transport.subscribe([topic], { group: randomUUID(), startAt: from, onBatch: keepIn(seen) });
    expect(await transport.replay([topic], { from, onBatch: keepIn(read) })).toEqual({ events: 2 });
    await eventually(() => seen.length === 2);
    expect([seen, read]).toEqual([
      [2, 3],
      [2, 3],
    ]);
    await transport.close();
  });

  it('wakes the readers of an append with more topics than a notification holds', async () => {
    const prefix = `orion.${randomUUID()}`;
    const transport = open();
    const seen: EventEnvelope[] = [];
    await transport.tail([`${prefix}.*`], { onEvent: (event) => void seen.push(event) });
    const batch = Array.from({ length: 300 }, (_, n) => sampleEvent(`${prefix}.topic-${n}`, { key: 'a', n }));
    await transport.append(batch);
    await eventually(() => seen.length === 300);
    expect(numbersOf(seen)).toEqual(batch.map((_, n) => n));
    await transport.close();
  });

  it('prunes what is old and passed by every group, and nothing else', async () => {
    const own = await createTestDatabase();
    const bus = createPostgresBus({ url: own.url, clientId: 'prune', logger });
    const transport = createPostgresTransport({ url: own.url, clientId: 'prune', logger });
    const topic = 'orion.prune';
    await transport.append(Array.from({ length: 4 }, (_, n) => sampleEvent(topic, { key: 'a', n })));
    await bus.pool.query(`UPDATE log SET recorded_at = now() - interval '8 days' WHERE seq <= 3`);
    await bus.pool.query(`INSERT INTO cursors (grp, topics, owner, seq) VALUES ('slow', '{orion.prune}', 'x', 2)`);
    expect(await pruneBus(bus, 7)).toBe(2);
    await bus.pool.query(`UPDATE cursors SET seq = 4`);
    expect(await pruneBus(bus, 7)).toBe(1);
    const { rows } = await bus.pool.query<{ seq: string }>('SELECT seq FROM log');
    expect(rows.map(({ seq }) => seq)).toEqual(['4']);
    await transport.close();
    await bus.close();
    await own.drop();
  });

  it('rejects when the database does not answer, and subscribes all the same', async () => {
    const transport = createPostgresTransport({ url: 'postgres://nobody@127.0.0.1:1/none', clientId: 'lost', logger });
    await expect(transport.ping()).rejects.toThrow();
    await expect(transport.append([sampleEvent('orion.x', { key: 'a', n: 0 })])).rejects.toThrow();
    await transport.subscribe(['orion.x'], { group: 'g', onBatch: () => Promise.resolve() });
    await transport.tail(['orion.x'], { onEvent: () => undefined });
    await transport.close();
  });
});

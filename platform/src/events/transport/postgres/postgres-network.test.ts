import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import pg from 'pg';
import { createLogger } from '../../../log/index.js';
import { eventually } from '../../../testing/eventually.js';
import { startTcpProxy } from '../../../testing/tcp-proxy.js';
import { createTestDatabase } from '../../../testing/test-database.js';
import type { TestDatabase } from '../../../testing/test-database.js';
import { numbersOf, sampleEvent } from '../../testing/sample-event.js';
import type { EventTransport } from '../transport.js';
import { createPostgresTransport } from './postgres-transport.js';

/** As for Kafka: 3 x its session timeout. */
const RECOVERED_WITHIN_MS = 30_000;
const logger = createLogger('test', { level: 'silent' });
let database: TestDatabase;
let targetPort: number;
const opened: EventTransport[] = [];
jest.setTimeout(90_000);

beforeAll(async () => {
  database = await createTestDatabase();
  targetPort = Number(new URL(database.url).port);
});

afterEach(() => Promise.all(opened.splice(0).map((transport) => transport.close())));
afterAll(() => database.drop());

function open(port: number): EventTransport {
  const url = new URL(database.url);
  url.port = String(port);
  const transport = createPostgresTransport({ url: url.href, clientId: 'test', logger });
  opened.push(transport);
  return transport;
}

const append = (transport: EventTransport, topic: string, n: number) =>
  transport.append([sampleEvent(topic, { key: 'a', n })]);

describe('postgres transport over a bad network', () => {
  it('gives up half-open connections, and a consumer and a tail go on, within 30 s', async () => {
    const proxy = await startTcpProxy({ targetPort });
    const [transport, publisher] = [open(proxy.port), open(targetPort)];
    const topic = `orion.test-${randomUUID()}`;
    const [taken, shown]: [number[], number[]] = [[], []];
    await transport.subscribe([topic], {
      group: randomUUID(),
      onBatch: (batch) => {
        taken.push(...numbersOf(batch));
        return Promise.resolve();
      },
    });
    await transport.tail([topic], { onEvent: (event) => shown.push(...numbersOf([event])) });
    await append(publisher, topic, 0);
    await eventually(() => taken.length === 1 && shown.length === 1);

    expect(proxy.forgetConnections()).toBeGreaterThan(1);
    const silentSince = Date.now();
    await append(publisher, topic, 1);
    await eventually(() => taken.includes(1) && shown.includes(1), { within: 2 * RECOVERED_WITHIN_MS });
    expect(Date.now() - silentSince).toBeLessThan(RECOVERED_WITHIN_MS);
    expect(shown).toEqual([0, 1]);
    await transport.close();
    await proxy.close();
  });

  it('keeps a tail waiting that began while the database was away, and then lacks nothing', async () => {
    const [topic, publisher] = [`orion.test-${randomUUID()}`, open(targetPort)];
    await append(publisher, topic, 0);
    await append(publisher, topic, 1);
    const gone = await startTcpProxy({ targetPort });
    await gone.close();
    const transport = open(gone.port);
    const shown: number[] = [];
    let isCaughtUp = false;
    const tail = await transport.tail([topic], {
      since: new Date(Date.now() - 60_000),
      onEvent: (event) => shown.push(...numbersOf([event])),
    });
    void tail.caughtUp.then(() => (isCaughtUp = true));
    await expect(transport.ping()).rejects.toThrow();
    expect(isCaughtUp).toBe(false);
    const proxy = await startTcpProxy({ targetPort, port: gone.port });
    await tail.caughtUp;
    expect(shown).toEqual([0, 1]);
    await transport.close();
    await proxy.close();
  });

  it('begins a new group at the end as it was when asked for, though the database was away', async () => {
    const [topic, publisher] = [`orion.test-${randomUUID()}`, open(targetPort)];
    await append(publisher, topic, 0);
    const before = Date.now();
    // The clock of the database is the clock of this machine; it only has to move on.
    await eventually(() => Date.now() > before + 5);
    const gone = await startTcpProxy({ targetPort });
    await gone.close();
    const transport = open(gone.port);
    const seen: number[] = [];
    await transport.subscribe([topic], {
      group: randomUUID(),
      startAt: 'end',
      onBatch: (batch) => {
        seen.push(...numbersOf(batch));
        return Promise.resolve();
      },
    });
    await append(publisher, topic, 1);
    const proxy = await startTcpProxy({ targetPort, port: gone.port });
    await eventually(() => seen.length > 0);
    expect(seen).toEqual([1]);
    await transport.close();
    await proxy.close();
  });

  it('passes over nothing when the log was restored from a backup and gives its numbers a second time', async () => {
    const [topic, group] = [`orion.test-${randomUUID()}`, randomUUID()];
    const [transport, publisher] = [open(targetPort), open(targetPort)];
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    const [taken, shown]: [number[], number[]] = [[], []];
    await transport.subscribe([topic], {
      group,
      onBatch: (batch) => {
        taken.push(...numbersOf(batch));
        return Promise.resolve();
      },
    });
    await transport.tail([topic], { onEvent: (event) => shown.push(...numbersOf([event])) });
    for (let n = 0; n < 20; n += 1) await append(publisher, topic, n);
    await eventually(() => taken.includes(19) && shown.includes(19));
    // Readers have looked for the end of the log, which they do once a second.
    const until = Date.now() + 1_500;
    await eventually(() => Date.now() > until);

    const fenceOf = async () => {
      const { rows } = await admin.query<{ fence: string }>('SELECT fence FROM cursors WHERE grp = $1', [group]);
      return Number(rows[0]?.fence);
    };
    const { rows } = await admin.query<{ head: string }>('SELECT max(seq) - 10 AS head FROM log');
    const head = rows[0]?.head;
    const fence = await fenceOf();
    await admin.query('BEGIN');
    await admin.query('DELETE FROM log WHERE seq > $1', [head]);
    await admin.query('UPDATE cursors SET seq = least(seq, $1)', [head]);
    await admin.query(`SELECT setval('log_seq_seq', $1)`, [head]);
    await admin.query('COMMIT');
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name LIKE 'test-bus%' AND datname = current_database()`,
    );
    await eventually(async () => (await fenceOf()) > fence);
    for (const n of [20, 21, 22]) await eventually(() => append(publisher, topic, n).then(() => true));
    await eventually(() => taken.includes(22) && shown.includes(22));
    expect([20, 21, 22].filter((n) => !taken.includes(n) || !shown.includes(n))).toEqual([]);
    await admin.end();
  });
});

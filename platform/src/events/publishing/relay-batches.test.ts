import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';
import { eventually } from '../../testing/eventually.js';
import { defineEvent } from '../contracts/contract.js';
import type { EventEnvelope } from '../envelope.js';
import { counted, openEventTestBed, silent } from '../testing/event-test-bed.js';
import type { EventTestBed } from '../testing/event-test-bed.js';
import { recordingTransport } from '../testing/recording-transport.js';
import { numbersOf } from '../testing/sample-event.js';
import type { EventTransport } from '../transport/transport.js';
import { OUTBOX_CHANNEL, publish } from './outbox.js';
import { startRelay } from './relay.js';
import type { EventRelay } from './relay.js';

const big = defineEvent({
  type: 'dev.orion.test.grown.v1',
  owner: 'user',
  description: 'Something large.',
  schema: z.object({ n: z.number(), text: z.string() }),
  key: () => 'same',
});

let bed: EventTestBed;
let relay: EventRelay | undefined;

beforeAll(async () => {
  bed = await openEventTestBed();
});
afterAll(() => bed.close());
afterEach(async () => {
  await relay?.stop();
  await bed.dataSource.query('TRUNCATE outbox');
});

function start(transport: EventTransport): void {
  relay = startRelay({ databaseUrl: bed.databaseUrl, service: 'batches', transport, logger: silent });
}

const fill = (count: number, keyOf: (n: number) => string = () => 'c') =>
  bed.dataSource.transaction((manager) =>
    publish(
      manager,
      Array.from({ length: count }, (_, n) => counted.of({ counterId: keyOf(n), n })),
    ),
  );

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

const inOutbox = async (): Promise<number> => {
  const [{ n }] = await bed.dataSource.query('SELECT count(*)::int AS n FROM outbox');
  return n;
};

/** Something that a test lets happen. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe('relay', () => {
  it('has the next batch at hand when one was appended', async () => {
    await fill(1_000);
    const first = gate();
    let appends = 0;
    let begun = Infinity;
    const { events, transport } = recordingTransport(async () => {
      appends += 1;
      if (appends > 1) return;
      begun = performance.timeOrigin + performance.now();
      await first.opened;
    });
    start(transport);
    await eventually(async () => {
      // Postgres runs on this machine, under the same clock.
      const rows: unknown[] = await bed.dataSource.query(
        `SELECT 1 FROM pg_stat_activity WHERE application_name = 'orion-batches-relay' AND state = 'idle'
           AND query LIKE '%FROM outbox%' AND query_start > to_timestamp($1::float8 / 1000)`,
        [begun],
      );
      return rows.length === 1;
    });
    await bed.dataSource.transaction(async (manager) => {
      await manager.query('LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE');
      first.open();
      await eventually(() => appends === 2);
    });
    await eventually(() => events.length === 1_000);
    expect(numbersOf(events)).toEqual(upTo(1_000));
  });

  it('has one batch on its way at a time, and what follows one that failed does not overtake it', async () => {
    await fill(3_000, (n) => `key-${n % 7}`);
    let [underWay, most, appends] = [0, 0, 0];
    const got: number[] = [];
    const { transport } = recordingTransport(async (batch) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await wait(2);
      underWay -= 1;
      appends += 1;
      // Every other time the broker takes a part of the batch, or all of it, and says that it failed.
      const failed = appends % 2 === 1;
      got.push(...numbersOf(failed ? batch.slice(0, (appends * 83) % 501) : batch));
      if (failed) throw new Error('not all replicas have it');
    });
    start(transport);
    await eventually(async () => (await inOutbox()) === 0, { within: 30_000 });
    expect(most).toBe(1);
    // What consumers see: the first time counts.
    expect([...new Set(got)]).toEqual(upTo(3_000));
  });

  it('deletes what was appended, and nothing else', async () => {
    await fill(1_200);
    const { events, transport } = recordingTransport((batch) =>
      numbersOf(batch).includes(700) ? Promise.reject(new Error('broker is down')) : Promise.resolve(),
    );
    start(transport);
    await eventually(async () => (await inOutbox()) === 700);
    expect(numbersOf(events)).toEqual(upTo(500));
    await relay?.stop();
    expect(await inOutbox()).toBe(700);
  });

  it('cuts batches by bytes, so that a broker takes them, and keeps their order', async () => {
    const sizes: number[] = [];
    const { events, transport } = recordingTransport((batch) => {
      sizes.push(batch.reduce((sum, event) => sum + JSON.stringify(event).length, 0));
      return Promise.resolve();
    });
    await bed.dataSource.transaction((manager) =>
      publish(
        manager,
        Array.from({ length: 40 }, (_, n) =>
          big.of({ n, text: String(Math.random()).repeat(6_000).slice(0, 100_000) }),
        ),
      ),
    );
    start(transport);
    await eventually(() => events.length === 40);
    expect(numbersOf(events)).toEqual(upTo(40));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(768 * 1_024);
    expect(sizes.length).toBeLessThanOrEqual(7);
  });

  it('sends an event that is larger than a batch by itself', async () => {
    const batches: (readonly EventEnvelope[])[] = [];
    const { events, transport } = recordingTransport((batch) => {
      batches.push(batch);
      return Promise.resolve();
    });
    await fill(3);
    await bed.dataSource.query(
      `UPDATE outbox SET envelope = jsonb_set(envelope::jsonb, '{data,text}', to_jsonb(repeat('x', 1000000)))
       WHERE envelope->'data'->>'n' = '1'`,
    );
    start(transport);
    await eventually(() => events.length === 3);
    expect(batches.map(numbersOf)).toEqual([[0], [1], [2]]);
  });

  it('is woken by the commits of its own process, without NOTIFY', async () => {
    const { events, transport } = recordingTransport();
    const { databaseUrl, dataSource } = bed;
    relay = startRelay({ databaseUrl, dataSource, service: 'batches', transport, logger: silent });
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(`LISTEN ${OUTBOX_CHANNEL}`);
    // Until the relay is active, commits notify.
    let notified = 0;
    client.on('notification', () => (notified += 1));
    await fill(1);
    await eventually(() => events.length === 1);
    await client.query('SELECT 1');
    notified = 0;
    await fill(1);
    await fill(2);
    await eventually(() => events.length === 4);
    await client.query('SELECT 1');
    expect(notified).toBe(0);
    await client.end();
  });

  it('takes events together that come while it is busy', async () => {
    let appends = 0;
    const { events, transport } = recordingTransport(() => {
      appends += 1;
      return Promise.resolve();
    });
    start(transport);
    await Promise.all(
      upTo(8).map(async (writer) => {
        for (let n = 0; n < 40; n += 1) {
          await bed.dataSource.transaction((manager) => publish(manager, [counted.of({ counterId: `w${writer}`, n })]));
        }
      }),
    );
    await eventually(() => events.length === 320);
    expect(appends).toBeLessThan(200);
    for (const writer of upTo(8)) expect(numbersOf(events.filter(({ key }) => key === `w${writer}`))).toEqual(upTo(40));
  });
});

import { eventDeadLettered } from '../../event-contracts/index.js';
import { createLogger } from '../../log/index.js';
import { eventually } from '../../testing/eventually.js';
import { currentCause } from '../causation.js';
import type { Cause } from '../causation.js';
import { publish } from '../publishing/outbox.js';
import { counted, countedEvent, openEventTestBed, recordEffects, silent } from '../testing/event-test-bed.js';
import type { EventTestBed } from '../testing/event-test-bed.js';
import { createPostgresTransport } from '../transport/postgres/postgres-transport.js';
import type { EventTransport } from '../transport/transport.js';
import { consume } from './consumer.js';
import type { ConsumerOptions, EventConsumer } from './consumer.js';
import { listParkedEvents } from './parked-events.js';
import { on, route } from './route.js';

const QUICK = { maxAttempts: 3, baseMs: 20, factor: 2, capMs: 100 };

let bed: EventTestBed;
let transport: EventTransport;
const consumers: EventConsumer[] = [];

beforeAll(async () => {
  bed = await openEventTestBed();
  transport = createPostgresTransport({ url: bed.busUrl, clientId: 'test', logger: silent });
});
afterAll(async () => {
  await transport.close();
  await bed.close();
});
afterEach(async () => {
  await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()));
});

async function start(group: string, options: Partial<ConsumerOptions>): Promise<void> {
  consumers.push(
    await consume({
      dataSource: bed.dataSource,
      transport,
      service: 'test',
      group,
      topics: [`orion.${group}`],
      ordering: 'none',
      handle: recordEffects(group),
      logger: silent,
      retry: QUICK,
      ...options,
    }),
  );
}

const numbers = async (group: string) => (await bed.effects(group)).map(({ n }) => n);
const parked = (group: string, state: 'retry' | 'dead' | 'done') =>
  listParkedEvents(bed.dataSource.manager, { group, state, limit: 100 });

describe('consumer', () => {
  it('runs handlers under the event as cause', async () => {
    const group = 'cause';
    const causes: (Cause | undefined)[] = [];
    await start(group, {
      handle: route([
        on(counted, async (_, manager) => {
          await manager.query('SELECT 1');
          causes.push(currentCause());
        }),
      ]),
    });
    const sent = countedEvent(`orion.${group}`, { n: 1 });
    await transport.append([sent]);
    await eventually(() => causes.length === 1);
    expect(causes).toEqual([
      { correlationId: 'correlation-1', causationId: sent.id, actorId: 'user-1', traceparent: null },
    ]);
  });

  it('goes on with a key when the event that held it back is dead', async () => {
    const group = 'ordered-dead';
    await start(group, {
      ordering: 'key',
      handle: recordEffects(group, (n) => {
        if (n === 1) throw new Error('never');
      }),
    });
    const topic = `orion.${group}`;
    await transport.append([1, 2, 3].map((n) => countedEvent(topic, { key: 'a', n })));
    await eventually(async () => (await numbers(group)).length === 2);
    expect(await numbers(group)).toEqual([2, 3]);
    expect(await parked(group, 'dead')).toHaveLength(1);
  });

  it('parks an unknown type and broken data, passes over types without a route', async () => {
    const group = 'strange';
    await start(group, { retry: { ...QUICK, baseMs: 60_000, capMs: 60_000 } });
    const topic = `orion.${group}`;
    await transport.append([
      countedEvent(topic, { n: 0, type: 'dev.orion.test.unknown.v1' }),
      countedEvent(topic, { n: 1, data: { counterId: 'k', n: 'one' } }),
      countedEvent(topic, { n: 2, type: 'dev.orion.user.deleted.v1', data: { userId: 'u' } }),
      countedEvent(topic, { n: 3 }),
    ]);
    await eventually(async () => (await numbers(group)).length === 1);
    expect((await parked(group, 'retry')).map(({ error }) => error)).toEqual([
      'UnknownEventTypeError: no contract for dev.orion.test.unknown.v1',
      expect.stringMatching(/^EventSchemaError: dev\.orion\.test\.counted\.v1: n: /),
    ]);
  });

  it('parks an event whose handler swallowed the error of a statement', async () => {
    const group = 'swallowed';
    await start(group, {
      retry: { ...QUICK, baseMs: 60_000, capMs: 60_000 },
      handle: route([
        on(counted, async ({ data }, manager) => {
          if (data.n === 0) await manager.query('SELECT no_such_function()').catch(() => 'ignored');
          else
            await manager.query(
              'INSERT INTO effects (grp, event_id, key, n, pid) VALUES ($1, gen_random_uuid(), $1, 1, 1)',
              [group],
            );
        }),
      ]),
    });
    await transport.append([0, 1].map((n) => countedEvent(`orion.${group}`, { n })));
    await eventually(async () => (await numbers(group)).length === 1);
    expect(await parked(group, 'retry')).toEqual([
      expect.objectContaining({ error: expect.stringMatching(/aborted/) as unknown }),
    ]);
  });

  it('finds the event that breaks the whole transaction, and lets the others take effect', async () => {
    const group = 'deferred';
    await bed.dataSource.query('CREATE TABLE parents (id int PRIMARY KEY)');
    await bed.dataSource.query(
      'CREATE TABLE children (id int PRIMARY KEY, parent int REFERENCES parents DEFERRABLE INITIALLY DEFERRED)',
    );
    await start(group, {
      handle: route([
        on(counted, async ({ id, data: { n } }, manager) => {
          await manager.query('INSERT INTO effects (grp, event_id, key, n, pid) VALUES ($1, $2, $1, $3, 1)', [
            group,
            id,
            n,
          ]);
          // Fails at commit.
          if (n === 2) await manager.query('INSERT INTO children VALUES (1, 1)');
        }),
      ]),
    });
    await transport.append([0, 1, 2, 3].map((n) => countedEvent(`orion.${group}`, { n })));
    await eventually(async () => (await numbers(group)).length === 3);
    expect(await numbers(group)).toEqual([0, 1, 3]);
    await eventually(async () => (await parked(group, 'dead')).length === 1);
  });

  it('goes on after Postgres ended its connections in the middle of the work', async () => {
    const group = 'restart';
    await start(group, { batchSize: 5 });
    for (let n = 0; n < 60; n += 1) {
      await eventually(() => transport.append([countedEvent(`orion.${group}`, { n })]).then(() => true));
      if (n % 20 === 10) await eventually(() => bed.cutConnections('%').then(() => true));
    }
    await eventually(async () => (await numbers(group)).length >= 60);
    expect(await numbers(group)).toEqual(Array.from({ length: 60 }, (_, n) => n));
  });

  it('publishes from a handler in the same transaction', async () => {
    const group = 'chain';
    await start(group, {
      handle: route([
        on(counted, async ({ data }, manager) => {
          await publish(manager, [counted.of({ counterId: `next-${data.counterId}`, n: data.n + 1 })]);
          if (data.n === 0) throw new Error('no effect, no event');
        }),
      ]),
      retry: { ...QUICK, baseMs: 60_000, capMs: 60_000 },
    });
    const events = [0, 5].map((n) => countedEvent(`orion.${group}`, { n }));
    await transport.append(events);
    const published = () =>
      bed.dataSource.query(
        `SELECT envelope -> 'data' ->> 'n' AS n, envelope ->> 'causationId' AS cause FROM outbox WHERE envelope ->> 'key' = 'next-k'`,
      );
    await eventually(async () => ((await published()) as unknown[]).length > 0);
    expect(await published()).toEqual([{ n: '6', cause: events[1]?.id }]);
  });

  it('announces a death at once where there is no second attempt', async () => {
    const group = 'impatient';
    await start(group, {
      ordering: 'key',
      retry: { ...QUICK, maxAttempts: 1 },
      handle: recordEffects(group, (n) => {
        if (n === 0) throw new Error('never');
      }),
    });
    const events = [0, 1].map((n) => countedEvent(`orion.${group}`, { n }));
    await transport.append(events);
    await eventually(async () => (await numbers(group)).length === 1);
    expect(await parked(group, 'dead')).toEqual([expect.objectContaining({ attempt: 1, error: 'Error: never' })]);
    const notices: unknown[] = await bed.dataSource.query(
      `SELECT 1 FROM outbox WHERE envelope ->> 'type' = $1 AND envelope ->> 'causationId' = $2`,
      [eventDeadLettered.type, events[0]?.id],
    );
    expect(notices).toHaveLength(1);
  });

  it('raises one alarm for all events of a version that it does not know', async () => {
    const group = 'newer';
    const lines: { readonly level: string; readonly type?: string }[] = [];
    const logger = createLogger('test', {
      level: 'error',
      destination: { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]) },
    });
    await start(group, { logger });
    const type = 'dev.orion.test.counted.v9';
    await transport.append([0, 1, 2].map((n) => countedEvent(`orion.${group}`, { n, type })));
    await eventually(async () => (await parked(group, 'retry')).length === 3);
    expect(lines).toEqual([expect.objectContaining({ level: 'error', group, type })]);
  });

  it('refuses what it could not keep', async () => {
    await expect(start('x', { batchSize: 0 })).rejects.toThrow(/batchSize must be a whole number from 1 to 5000/);
    await expect(start('x', { types: ['user.'] })).rejects.toThrow(/"user\." is no name and no pattern/);
    await expect(start('x', { retry: { baseMs: 10, capMs: 1 } })).rejects.toThrow(/baseMs \(10\) must be above 0/);
  });
});

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { eventDeadLettered } from '../event-contracts/index.js';
import { uuidv7 } from '../ids/index.js';
import { eventually } from '../testing/eventually.js';
import { currentCause } from './causation.js';
import type { Cause } from './causation.js';
import { consume } from './consumer.js';
import type { ConsumerOptions, EventConsumer } from './consumer.js';
import type { EventEnvelope } from './envelope.js';
import { counted, openEventTestBed, recordEffects, silent } from './event-test-bed.js';
import type { EventTestBed } from './event-test-bed.js';
import { publish } from './outbox.js';
import { discardParkedEvents, editParkedEvent, listParkedEvents, redriveParkedEvents } from './parked-events.js';
import { createPostgresTransport } from './postgres-transport.js';
import { on, route } from './route.js';
import type { EventTransport } from './transport.js';

const FIXTURE = fileURLToPath(new URL('event-process.fixture.js', import.meta.url));
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

/** An envelope as the relay would append it. `topic` keeps tests apart. */
function event(
  topic: string,
  { key = 'k', n, ...rest }: { readonly key?: string; readonly n: number } & Partial<EventEnvelope>,
): EventEnvelope {
  const id = uuidv7();
  return {
    id,
    type: counted.type,
    source: counted.source,
    topic,
    key,
    time: new Date().toISOString(),
    correlationId: `correlation-${n}`,
    causationId: `causation-${n}`,
    actorId: 'user-1',
    data: { counterId: key, n },
    ...rest,
  };
}

async function start(group: string, options: Partial<ConsumerOptions>): Promise<void> {
  consumers.push(
    await consume({
      dataSource: bed.dataSource,
      transport,
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
  it('takes effect once, however often an event is delivered', async () => {
    const group = 'once';
    const events = Array.from({ length: 30 }, (_, n) => event(`orion.${group}`, { n }));
    await transport.append(events);
    const twice: EventTransport = {
      ...transport,
      subscribe: (topics, options) =>
        transport.subscribe(topics, {
          ...options,
          onBatch: async (batch) => {
            await options.onBatch([...batch, ...batch]);
            await options.onBatch(batch);
          },
        }),
    };
    await start(group, { transport: twice });
    await eventually(async () => (await numbers(group)).length >= 30);
    await transport.append([event(`orion.${group}`, { n: 30 })]);
    await eventually(async () => (await numbers(group)).includes(30));
    expect(await numbers(group)).toEqual(Array.from({ length: 31 }, (_, n) => n));
  });

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
    const sent = event(`orion.${group}`, { n: 1 });
    await transport.append([sent]);
    await eventually(() => causes.length === 1);
    expect(causes).toEqual([{ correlationId: 'correlation-1', causationId: sent.id, actorId: 'user-1' }]);
  });

  it('parks a poison event, retries it, buries it, and lets the others pass', async () => {
    const group = 'poison';
    let attempts = 0;
    await start(group, {
      handle: recordEffects(group, (n) => {
        if (n !== 3) return;
        attempts += 1;
        throw new Error(`poison \0 ${attempts}`);
      }),
    });
    const events = Array.from({ length: 10 }, (_, n) => event(`orion.${group}`, { n }));
    await transport.append(events);
    await eventually(async () => (await numbers(group)).length === 9);
    await eventually(async () => (await parked(group, 'dead')).length === 1);
    // One more than attempts: the batch first ran without savepoints.
    expect(attempts).toBe(QUICK.maxAttempts + 1);
    expect(await numbers(group)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9]);
    const [dead] = await parked(group, 'dead');
    expect(dead).toMatchObject({ attempt: 3, error: 'Error: poison  4', envelope: events[3] });
    const notices: { envelope: EventEnvelope }[] = await bed.dataSource.query(
      `SELECT envelope FROM outbox WHERE envelope ->> 'type' = $1`,
      [eventDeadLettered.type],
    );
    expect(notices.map(({ envelope }) => envelope)).toEqual([
      expect.objectContaining({
        topic: 'orion.system',
        causationId: events[3]?.id,
        correlationId: 'correlation-3',
        data: { group, eventId: events[3]?.id, eventType: counted.type, error: 'Error: poison  4' },
      }),
    ]);
  });

  it('keeps the order of each key under failure, and does not hold back other keys', async () => {
    const group = 'ordered';
    let failures = 0;
    await start(group, {
      ordering: 'key',
      retry: { ...QUICK, maxAttempts: 8 },
      handle: recordEffects(group, (n) => {
        if (n === 1 && (failures += 1) <= 3) throw new Error('not yet');
      }),
    });
    const topic = `orion.${group}`;
    await transport.append([
      event(topic, { key: 'a', n: 1 }),
      event(topic, { key: 'b', n: 100 }),
      event(topic, { key: 'a', n: 2 }),
    ]);
    for (let n = 3; n <= 30; n += 1) await transport.append([event(topic, { key: n % 2 === 0 ? 'a' : 'b', n })]);
    await eventually(async () => (await numbers(group)).length === 31);
    const ofKey = async (key: string) =>
      (await bed.effects(group)).filter((effect) => effect.key === key).map(({ n }) => n);
    expect(await ofKey('a')).toEqual([1, ...Array.from({ length: 15 }, (_, i) => 2 * i + 2)]);
    expect((await ofKey('b'))[0]).toBe(100);
    expect(await parked(group, 'retry')).toEqual([]);
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
    await transport.append([1, 2, 3].map((n) => event(topic, { key: 'a', n })));
    await eventually(async () => (await numbers(group)).length === 2);
    expect(await numbers(group)).toEqual([2, 3]);
    expect(await parked(group, 'dead')).toHaveLength(1);
  });

  it('parks an unknown type and broken data, passes over types without a route', async () => {
    const group = 'strange';
    await start(group, { retry: { ...QUICK, baseMs: 60_000, capMs: 60_000 } });
    const topic = `orion.${group}`;
    await transport.append([
      event(topic, { n: 0, type: 'dev.orion.test.counted.v2' }),
      event(topic, { n: 1, data: { counterId: 'k', n: 'one' } }),
      event(topic, { n: 2, type: 'dev.orion.user.deleted.v1', data: { userId: 'u' } }),
      event(topic, { n: 3 }),
    ]);
    await eventually(async () => (await numbers(group)).length === 1);
    expect((await parked(group, 'retry')).map(({ error }) => error)).toEqual([
      'UnknownEventTypeError: no contract for dev.orion.test.counted.v2',
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
    await transport.append([0, 1].map((n) => event(`orion.${group}`, { n })));
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
    await transport.append([0, 1, 2, 3].map((n) => event(`orion.${group}`, { n })));
    await eventually(async () => (await numbers(group)).length === 3);
    expect(await numbers(group)).toEqual([0, 1, 3]);
    await eventually(async () => (await parked(group, 'dead')).length === 1);
  });

  it('gives a dead event another chance, edited or not, and discards on request', async () => {
    const group = 'operators';
    await start(group, {
      handle: recordEffects(group, (n) => {
        if (n < 10) throw new Error('too small');
      }),
    });
    const events = [0, 1].map((n) => event(`orion.${group}`, { n }));
    await transport.append(events);
    await eventually(async () => (await parked(group, 'dead')).length === 2);
    const ids = events.map(({ id }) => id);
    await bed.dataSource.transaction(async (manager) => {
      expect(await editParkedEvent(manager, { group, eventId: ids[0] ?? '', data: { counterId: 'k', n: 10 } })).toBe(
        true,
      );
      expect(await redriveParkedEvents(manager, { group, eventIds: ids })).toBe(2);
    });
    await eventually(async () => (await numbers(group)).length === 1);
    await eventually(async () => (await parked(group, 'dead')).length === 1);
    expect(await numbers(group)).toEqual([10]);
    expect(await discardParkedEvents(bed.dataSource.manager, { group, eventIds: ids, reason: 'test data' })).toBe(1);
    expect((await parked(group, 'done')).map(({ error }) => error)).toContain('discarded: test data');
  }, 15_000);

  it('goes on after Postgres ended its connections in the middle of the work', async () => {
    const group = 'restart';
    await start(group, { batchSize: 5 });
    for (let n = 0; n < 60; n += 1) {
      await eventually(() => transport.append([event(`orion.${group}`, { n })]).then(() => true));
      if (n % 20 === 10) await eventually(() => bed.cutConnections('%').then(() => true));
    }
    await eventually(async () => (await numbers(group)).length >= 60);
    expect(await numbers(group)).toEqual(Array.from({ length: 60 }, (_, n) => n));
  });

  it.each(['consumer-dies-in-handler', 'consumer-dies-after-commit'])(
    'doubles and loses nothing while two processes share a group and get killed: %s',
    async (mode) => {
      const group = mode;
      const total = 400;
      const topic = `orion.${group}`;
      let deaths = 0;
      const spawn = () =>
        fork(FIXTURE, [mode, bed.databaseUrl, bed.busUrl, group, topic]).once('exit', (_, signal) => {
          if (signal !== 'SIGKILL') return;
          deaths += 1;
          if (deaths <= 3) spawn();
        });
      spawn();
      spawn();
      for (let n = 0; n < total; n += 20) {
        await transport.append(
          Array.from({ length: 20 }, (_, i) => event(topic, { key: `k${(n + i) % 7}`, n: n + i })),
        );
      }
      await eventually(() => deaths === 5, { within: 60_000 });
      await start(group, { topics: [topic], ordering: 'key' });
      await eventually(async () => (await bed.effects(group)).length >= total, { within: 60_000 });
      const effects = await bed.effects(group);
      expect(effects).toHaveLength(total);
      expect(new Set(effects.map(({ event_id }) => event_id)).size).toBe(total);
      for (let key = 0; key < 7; key += 1) {
        const ofKey = effects.filter((effect) => effect.key === `k${key}`).map(({ n }) => n);
        expect(ofKey).toEqual(ofKey.toSorted((left, right) => left - right));
      }
    },
    90_000,
  );

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
    const events = [0, 5].map((n) => event(`orion.${group}`, { n }));
    await transport.append(events);
    const published = () =>
      bed.dataSource.query(
        `SELECT envelope -> 'data' ->> 'n' AS n, envelope ->> 'causationId' AS cause FROM outbox WHERE envelope ->> 'key' = 'next-k'`,
      );
    await eventually(async () => ((await published()) as unknown[]).length > 0);
    expect(await published()).toEqual([{ n: '6', cause: events[1]?.id }]);
  });
});

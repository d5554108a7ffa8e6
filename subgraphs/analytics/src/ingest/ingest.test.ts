import {
  allEventContracts,
  eventDeadLettered,
  notificationFailed,
  notificationSent,
  roleAssigned,
  sessionRevoked,
  userDeleted,
  userLogin,
  userRegistered,
} from '@orion/platform/event-contracts';
import type { EventEnvelope } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import { envelopeOf, eventually, startTestSubgraph } from '@orion/platform/testing';
import type { TestSubgraph } from '@orion/platform/testing';
import { subgraph } from '../subgraph.js';
import { openTestBus } from '@orion/platform/testing';
import type { TestBus } from '@orion/platform/testing';
import { DataSource } from 'typeorm';
import { createPartitions } from '../partition/partitions.js';
import { ingestEvents, TOPICS } from './ingest.consumer.js';

let running: TestSubgraph;
let bus: TestBus;

beforeAll(async () => {
  running = await startTestSubgraph(subgraph, { ANALYTICS_RETENTION_DAYS: '36500' });
  bus = await openTestBus(running, { group: 'analytics' });
});

afterAll(async () => {
  await bus.stop();
  await running.stop();
});

const login = (userId: string) =>
  userLogin.of({
    userId,
    sessionId: uuidv7(),
    deviceId: uuidv7(),
    isNewDevice: true,
    ip: '203.0.113.7',
    userAgent: 'Secret Browser 1.0',
  });

interface Row {
  readonly event_id: string;
  readonly occurred_at: Date;
  readonly type: string;
  readonly name: string;
  readonly user_id: string | null;
  readonly session_id: string | null;
  readonly properties: Readonly<Record<string, unknown>>;
}

const rowsOf = (userId: string) =>
  bus.sql<Row>('SELECT * FROM events WHERE user_id = $1 ORDER BY occurred_at', [userId]);

describe('ingest', () => {
  it('stores an event of each topic once', async () => {
    const userId = uuidv7();
    const notification = {
      notificationId: uuidv7(),
      recipientId: userId,
      notificationType: 'welcome',
      channel: 'EMAIL',
    };
    const events = [
      await bus.deliver(login(userId)),
      await bus.deliver(roleAssigned.of({ userId, role: 'ADMIN', permissions: ['a:b:any'], version: 3 })),
      await bus.deliver(notificationSent.of(notification)),
      await bus.deliver(
        eventDeadLettered.of({ group: 'user', eventId: uuidv7(), eventType: 'dev.orion.x.v1', error: 'it broke' }),
        { actorId: userId },
      ),
    ];
    for (const event of events) await bus.taken(event);
    const rows = await rowsOf(userId);
    expect(rows.map(({ name, properties }) => [name, properties])).toEqual([
      ['user.login', { deviceId: expect.any(String), isNewDevice: true }],
      ['role.assigned', { role: 'ADMIN', version: 3 }],
      [
        'notification.sent',
        { notificationId: notification.notificationId, notificationType: 'welcome', channel: 'EMAIL' },
      ],
      ['event.dead_lettered', { group: 'user', eventId: expect.any(String), eventType: 'dev.orion.x.v1' }],
    ]);
    expect(rows[0]).toMatchObject({
      event_id: events[0]?.id,
      occurred_at: new Date(events[0]?.time ?? ''),
      type: userLogin.type,
    });
    expect(events[0]?.data).toMatchObject({ sessionId: rows[0]?.session_id });
  });

  it('hears of every topic but its own', () => {
    const published = new Set(allEventContracts.map(({ topic }) => topic));
    expect([...published].filter((topic) => topic !== 'orion.analytics').toSorted()).toEqual([...TOPICS].toSorted());
  });

  it('is exact when everything is delivered again and again', async () => {
    const userId = uuidv7();
    const events: EventEnvelope[] = [];
    for (let n = 0; n < 60; n += 1) events.push(await bus.deliver(login(userId)));
    for (let round = 0; round < 3; round += 1) await Promise.all(events.map((event) => bus.redeliver(event)));
    const last = await bus.deliver(login(userId));
    await eventually(async () => (await bus.sql('SELECT 1 FROM inbox WHERE event_id = $1', [last.id])).length === 1);
    await Promise.all(events.map((event) => bus.taken(event)));
    const rows = await rowsOf(userId);
    expect(rows).toHaveLength(61);
    expect(new Set(rows.map(({ event_id }) => event_id))).toEqual(new Set([...events, last].map(({ id }) => id)));
  });

  it('stays exact when the inbox has forgotten an event', async () => {
    const userId = uuidv7();
    const event = await bus.deliver(login(userId));
    await bus.taken(event);
    await bus.sql('DELETE FROM inbox WHERE event_id = $1', [event.id]);
    await bus.redeliver(event);
    await bus.taken(event);
    expect(await rowsOf(userId)).toHaveLength(1);
  });

  it('makes the days that events need, also many of them in one batch', async () => {
    const userId = uuidv7();
    const times = Array.from({ length: 40 }, (_, n) =>
      new Date(Date.UTC(2019, 0, 1 + n * 9, 23, 59, 59, 999)).toISOString(),
    );
    const events = await Promise.all(times.map((time) => bus.deliver(login(userId), { time })));
    await Promise.all(events.map((event) => bus.taken(event)));
    expect((await rowsOf(userId)).map(({ occurred_at }) => occurred_at.toISOString())).toEqual(times);
    expect(await bus.sql(`SELECT 1 FROM parked_events`)).toEqual([]);
  });

  it('forgets a person with what the same batch says of them, and takes what is not too old', async () => {
    const database = await new DataSource({ type: 'postgres', url: running.databaseUrl }).initialize();
    const { batch } = ingestEvents(createPartitions(database, { retentionDays: 2 }));
    const [userId, other] = [uuidv7(), uuidv7()];
    const old = { ...envelopeOf(login(other)), time: new Date(Date.now() - 4 * 86_400_000).toISOString() };
    const events = [envelopeOf(login(userId)), old, envelopeOf(login(other)), envelopeOf(userDeleted.of({ userId }))];
    // Twice in the batch and twice as a batch: as when the inbox has forgotten it.
    for (let time = 0; time < 2; time += 1) {
      await database.transaction(async (manager) => {
        await batch?.([...events, ...events], manager);
      });
    }
    expect(await rowsOf(userId)).toEqual([]);
    expect((await rowsOf(other)).map(({ event_id }) => event_id)).toEqual([events[2]?.id]);
    const stored = await bus.sql('SELECT 1 FROM events WHERE event_id = ANY($1)', [events.map(({ id }) => id)]);
    expect(stored).toHaveLength(3);
    await database.destroy();
  });

  it('keeps neither secrets nor personal data', async () => {
    const userId = uuidv7();
    const events = [
      userRegistered.of({
        userId,
        email: 'ada@private.test',
        displayName: 'Adalovelace',
        locale: 'en-GB',
        verificationToken: 'v1.sealedtoken',
      }),
      login(userId),
      sessionRevoked.of({ userId, sessionId: uuidv7(), reason: 'token_reuse' }),
      notificationFailed.of({
        notificationId: uuidv7(),
        recipientId: userId,
        notificationType: 'welcome',
        channel: 'EMAIL',
        reason: '550 no mailbox ada@private.test',
      }),
    ];
    for (const event of events) await bus.taken(await bus.deliver(event));
    const rows = await rowsOf(userId);
    expect(rows.map(({ properties }) => properties)).toEqual([
      { locale: 'en-GB' },
      { deviceId: expect.any(String), isNewDevice: true },
      { reason: 'token_reuse' },
      { notificationId: expect.any(String), notificationType: 'welcome', channel: 'EMAIL' },
    ]);
    const [all] = await bus.sql<{ text: string }>(`SELECT string_agg(events::text, ' ') AS text FROM events`);
    for (const secret of ['private.test', 'Adalovelace', 'sealedtoken', '203.0.113.7', 'Secret Browser'])
      expect(all?.text).not.toContain(secret);
  });

  it('forgets who it was when a person is deleted, and keeps the sums', async () => {
    const [userId, other] = [uuidv7(), uuidv7()];
    for (const id of [userId, other]) await bus.taken(await bus.deliver(login(id)));
    const count = async () =>
      (await bus.sql<{ n: number }>(`SELECT count(*)::int AS n FROM events WHERE name = 'user.login'`))[0]?.n;
    const before = await count();
    await bus.taken(await bus.deliver(userDeleted.of({ userId })));
    expect(await rowsOf(userId)).toEqual([]);
    expect(await rowsOf(other)).toHaveLength(1);
    expect(await count()).toBe(before);
    const [all] = await bus.sql<{ text: string }>(`SELECT string_agg(events::text, ' ') AS text FROM events`);
    expect(all?.text).not.toContain(userId);
  });
});

import { notificationSent, userLogin } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { startTestSubgraph, testViewer } from '@orion/platform/testing';
import type { TestSubgraph } from '@orion/platform/testing';
import { subgraph } from '../subgraph.js';
import { openTestBus } from '@orion/platform/testing';
import type { TestBus } from '@orion/platform/testing';

let running: TestSubgraph;
let bus: TestBus;

const analyst = testViewer({ permissions: ['analytics:read:any'] });
const users = Array.from({ length: 7 }, () => uuidv7());
const from = '2024-10-20T00:00:00.000Z';
const to = '2024-11-05T00:00:00.000Z';

/** A small generator with a fixed seed (mulberry32): the same events in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

beforeAll(async () => {
  running = await startTestSubgraph(subgraph, { ANALYTICS_RETENTION_DAYS: '36500' });
  bus = await openTestBus(running, { group: 'analytics' });
  const random = createRandom(42);
  const span = Date.parse(to) - Date.parse(from);
  const events = Array.from({ length: 400 }, () => {
    const userId = users[Math.floor(random() ** 2 * users.length)] ?? '';
    const time = new Date(
      Date.parse(from) - 86_400_000 * 3 + Math.floor(random() * (span + 86_400_000 * 6)),
    ).toISOString();
    const event =
      random() < 0.6
        ? userLogin.of({
            userId,
            sessionId: uuidv7(),
            deviceId: uuidv7(),
            isNewDevice: false,
            ip: null,
            userAgent: null,
          })
        : notificationSent.of({
            notificationId: uuidv7(),
            recipientId: userId,
            notificationType: 't',
            channel: 'EMAIL',
          });
    return bus.deliver(event, { time });
  });
  for (const event of await Promise.all(events)) await bus.taken(event);
}, 60_000);

afterAll(async () => {
  await bus.stop();
  await running.stop();
});

interface Point {
  readonly at: string;
  readonly events: number;
  readonly users: number;
}

async function trend(input: object): Promise<{ readonly total: number; readonly points: readonly Point[] }> {
  const { data, errors } = await running.query(
    'query ($input: TrendInput!) { trend(input: $input) { total points { at events users } } }',
    { viewer: analyst, variables: { input } },
  );
  expect(errors).toEqual([]);
  return data.trend;
}

/** Names the local hour or day of a moment, by the calendar of the JavaScript engine. */
function stepOf(interval: 'HOUR' | 'DAY', timeZone: string): (moment: Date) => string {
  const hour = { hour: '2-digit', hourCycle: 'h23', timeZoneName: 'longOffset' } as const;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    ...(interval === 'HOUR' ? hour : {}),
  });
  return (moment) => format.format(moment);
}

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'];

describe('trend', () => {
  it.each(ZONES)('counts each raw event in the local hour and day that it belongs to, in %s', async (timezone) => {
    for (const interval of ['DAY', 'HOUR'] as const) {
      for (const name of ['user.login', null]) {
        const { points, total } = await trend({ name, from, to, interval, timezone });
        const raw = await bus.sql<{ occurred_at: Date; user_id: string }>(
          'SELECT occurred_at, user_id FROM events WHERE occurred_at >= $1 AND occurred_at < $2 AND ($3::text IS NULL OR name = $3)',
          [from, to, name],
        );
        const step = stepOf(interval, timezone);
        const expected = new Map<string, { readonly events: string[]; readonly users: Set<string> }>();
        for (const { occurred_at: moment, user_id: user } of raw) {
          const counts = expected.get(step(moment)) ?? { events: [], users: new Set() };
          counts.events.push(user);
          expected.set(step(moment), { ...counts, users: counts.users.add(user) });
        }
        for (const { at, events, users: people } of points) {
          const counts = expected.get(step(new Date(at)));
          expect([at, events, people]).toEqual([at, counts?.events.length ?? 0, counts?.users.size ?? 0]);
        }
        expect(total).toBe(raw.length);
        expect(total).toBeGreaterThan(50);
        expect(points.map(({ at }) => at)).toEqual([...new Set(points.map(({ at }) => at))].toSorted());
      }
    }
  });

  it('has a day of 25 hours and the hour that occurs twice when summer time ends', async () => {
    const day = await trend({
      from: '2024-10-26T22:00:00Z',
      to: '2024-10-27T23:00:00Z',
      interval: 'DAY',
      timezone: 'Europe/Berlin',
    });
    expect(day.points.map(({ at }) => at)).toEqual(['2024-10-26T22:00:00.000Z']);
    const hours = await trend({
      from: '2024-10-26T22:00:00Z',
      to: '2024-10-27T23:00:00Z',
      interval: 'HOUR',
      timezone: 'Europe/Berlin',
    });
    expect(hours.points).toHaveLength(25);
    expect(hours.total).toBe(day.total);
    const next = await trend({
      from: '2024-10-26T00:00:00Z',
      to: '2024-10-29T00:00:00Z',
      interval: 'DAY',
      timezone: 'Europe/Berlin',
    });
    expect(next.points.map(({ at }) => at)).toEqual([
      '2024-10-25T22:00:00.000Z',
      '2024-10-26T22:00:00.000Z',
      '2024-10-27T23:00:00.000Z',
      '2024-10-28T23:00:00.000Z',
    ]);
  });

  it('has a day of 23 hours when summer time begins, and hours that move by half an hour where clocks do', async () => {
    const spring = { from: '2024-03-30T23:00:00Z', to: '2024-03-31T22:00:00Z', timezone: 'Europe/Berlin' };
    expect((await trend({ ...spring, interval: 'DAY' })).points).toHaveLength(1);
    expect((await trend({ ...spring, interval: 'HOUR' })).points).toHaveLength(23);
    const half = await trend({
      from: '2024-10-05T14:00:00Z',
      to: '2024-10-05T17:00:00Z',
      interval: 'HOUR',
      timezone: 'Australia/Lord_Howe',
    });
    expect(half.points.map(({ at }) => at)).toEqual([
      '2024-10-05T13:30:00.000Z',
      '2024-10-05T14:30:00.000Z',
      // The clock goes from 2:00 to 2:30: the rest of that hour is named by the 2:00 that it would have begun at.
      '2024-10-05T15:00:00.000Z',
      '2024-10-05T16:00:00.000Z',
    ]);
  });

  it('refuses ranges and time zones that are none', async () => {
    for (const input of [
      { from: to, to: from },
      { from, to, timezone: 'Nowhere' },
      { from: '2000-01-01T00:00:00Z', to },
      { from: '2024-01-01T00:00:00Z', to, interval: 'HOUR' },
    ]) {
      const { data, errors } = await running.query('query ($input: TrendInput!) { trend(input: $input) { total } }', {
        viewer: analyst,
        variables: { input },
      });
      expect(data.trend).toBeNull();
      expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    }
  });
});

describe('activeUsers', () => {
  it.each(['UTC', 'America/New_York'])(
    'counts each day, week and month as SQL does day by day, in %s',
    async (timezone) => {
      const { data, errors } = await running.query(
        'query ($input: ActiveUsersInput!) { activeUsers(input: $input) { daily { day users } weekly { day users } monthly { day users } stickiness } }',
        { viewer: analyst, variables: { input: { from, to, timezone } } },
      );
      expect(errors).toEqual([]);
      const { daily, weekly, monthly, stickiness } = data.activeUsers as Record<
        'daily' | 'weekly' | 'monthly',
        { day: string; users: number }[]
      > & { stickiness: number };
      expect(daily.length).toBe(timezone === 'UTC' ? 16 : 17);
      for (const [series, days] of [
        [daily, 1],
        [weekly, 7],
        [monthly, 30],
      ] as const) {
        for (const { day, users: found } of series) {
          const [row] = await bus.sql<{ n: number }>(
            `SELECT count(DISTINCT user_id)::int AS n FROM events WHERE name = 'user.login'
            AND (occurred_at AT TIME ZONE $1)::date BETWEEN $2::date - ($3::int - 1) AND $2::date`,
            [timezone, day, days],
          );
          expect({ day, days, found }).toEqual({ day, days, found: row?.n });
        }
      }
      const sum = (series: readonly { users: number }[]) =>
        series.reduce((total, { users: count }) => total + count, 0);
      expect(stickiness).toBeCloseTo(sum(daily) / sum(monthly), 10);
      expect(sum(daily)).toBeGreaterThan(0);
    },
  );
});

describe('loginPatterns', () => {
  it('counts logins by the local hour and weekday, all 168 of them', async () => {
    const { data } = await running.query(
      'query ($input: LoginPatternsInput!) { loginPatterns(input: $input) { weekday hour logins } }',
      {
        viewer: analyst,
        variables: { input: { from, to, timezone: 'Europe/Berlin' } },
      },
    );
    const cells = data.loginPatterns as { weekday: number; hour: number; logins: number }[];
    expect(cells).toHaveLength(168);
    const local = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Berlin',
      weekday: 'short',
      hour: '2-digit',
      hourCycle: 'h23',
    });
    const rows = await bus.sql<{ occurred_at: Date }>(
      `SELECT occurred_at FROM events WHERE name = 'user.login' AND occurred_at >= $1 AND occurred_at < $2`,
      [from, to],
    );
    const expected = new Map<string, number>();
    for (const { occurred_at: moment } of rows) {
      const parts = Object.fromEntries(local.formatToParts(moment).map(({ type, value }) => [type, value]));
      const key = `${['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(parts['weekday'] ?? '') + 1} ${Number(parts['hour'])}`;
      expected.set(key, (expected.get(key) ?? 0) + 1);
    }
    for (const { weekday, hour, logins } of cells)
      expect({ weekday, hour, logins }).toEqual({ weekday, hour, logins: expected.get(`${weekday} ${hour}`) ?? 0 });
  });
});

describe('eventNames and ingestLag', () => {
  it('tell what arrives and how late', async () => {
    const time = new Date(Date.now() - 90_000).toISOString();
    const event = userLogin.of({
      userId: uuidv7(),
      sessionId: uuidv7(),
      deviceId: uuidv7(),
      isNewDevice: false,
      ip: null,
      userAgent: null,
    });
    await bus.sql('UPDATE events SET received_at = occurred_at');
    await bus.taken(await bus.deliver(event, { time }));
    const { data, errors } = await running.query(
      '{ eventNames(days: 1) { name events lastOccurredAt } ingestLag { seconds lastReceivedAt } }',
      { viewer: analyst },
    );
    expect(errors).toEqual([]);
    expect(data.eventNames).toEqual([{ name: 'user.login', events: 1, lastOccurredAt: time }]);
    expect(data.ingestLag.seconds).toBeGreaterThanOrEqual(90);
    expect(data.ingestLag.seconds).toBeLessThan(120);
    expect(data.ingestLag.lastReceivedAt).not.toBeNull();
  });
});

describe('reports', () => {
  it('are refused without analytics:read:any', async () => {
    const { data, errors } = await running.query(
      `{ trend(input: { from: "${from}", to: "${to}" }) { total } activeUsers(input: { from: "${from}", to: "${to}" }) { stickiness }
         loginPatterns(input: { from: "${from}", to: "${to}" }) { logins } eventNames { name } ingestLag { seconds } }`,
      { viewer: testViewer() },
    );
    expect(data).toEqual({ trend: null, activeUsers: null, loginPatterns: null, eventNames: null, ingestLag: null });
    expect(errors.map(({ extensions }) => extensions['code'])).toEqual(Array.from({ length: 5 }, () => 'FORBIDDEN'));
  });
});

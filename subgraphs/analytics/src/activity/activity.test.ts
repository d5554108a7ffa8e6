import { notificationRead, notificationSent, userLogin } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { startTestSubgraph, testViewer } from '@orion/platform/testing';
import type { TestSubgraph } from '@orion/platform/testing';
import { subgraph } from '../subgraph.js';
import { openTestBus } from '@orion/platform/testing';
import type { TestBus } from '@orion/platform/testing';

let running: TestSubgraph;
let bus: TestBus;

beforeAll(async () => {
  running = await startTestSubgraph(subgraph);
  bus = await openTestBus(running, { group: 'analytics' });
});

afterAll(async () => {
  await bus.stop();
  await running.stop();
});

const SUMMARY = `query ($ids: [_Any!]!, $last: Int, $timezone: String) { _entities(representations: $ids) { ... on User {
  id activitySummary { logins notificationsReceived events lastActiveAt days(last: $last, timezone: $timezone) { day events } } } } }`;
const reference = (id: string) => ({ __typename: 'User', id });
const login = (userId: string) =>
  userLogin.of({ userId, sessionId: uuidv7(), deviceId: uuidv7(), isNewDevice: false, ip: null, userAgent: null });
const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

describe('activitySummary', () => {
  it('counts what somebody did and what happened to them', async () => {
    const userId = uuidv7();
    const notification = {
      notificationId: uuidv7(),
      recipientId: userId,
      notificationType: 'welcome',
      channel: 'IN_APP',
    };
    const lastLogin = ago(1);
    for (const [event, time] of [
      [login(userId), ago(50)],
      [login(userId), lastLogin],
      [notificationSent.of(notification), ago(0)],
      [notificationRead.of(notification), ago(2)],
    ] as const) {
      await bus.taken(await bus.deliver(event, { time }));
    }
    const { data, errors } = await running.query(SUMMARY, {
      viewer: testViewer({ userId }),
      variables: { ids: [reference(userId)] },
    });
    expect(errors).toEqual([]);
    const { days, ...summary } = data._entities[0].activitySummary;
    expect(summary).toEqual({ logins: 2, notificationsReceived: 1, events: 4, lastActiveAt: lastLogin });
    expect(days).toHaveLength(7);
    expect(days.at(-1).day).toBe(ago(0).slice(0, 10));
    expect(days.reduce((sum: number, { events }: { events: number }) => sum + events, 0)).toBe(4);
  });

  it('has days that begin at midnight in the time zone', async () => {
    const userId = uuidv7();
    const times = Array.from({ length: 30 }, (_, n) => ago(n * 5));
    const events = await Promise.all(times.map((time) => bus.deliver(login(userId), { time })));
    await Promise.all(events.map((event) => bus.taken(event)));
    const timezone = 'Pacific/Kiritimati';
    const { data } = await running.query(SUMMARY, {
      viewer: testViewer({ userId }),
      variables: { ids: [reference(userId)], last: 3, timezone },
    });
    const localDay = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short' });
    const expected = new Map<string, number>();
    for (const time of times)
      expected.set(localDay.format(new Date(time)), (expected.get(localDay.format(new Date(time))) ?? 0) + 1);
    const { days } = data._entities[0].activitySummary;
    expect(days).toEqual(
      [...expected]
        .toSorted(([one], [two]) => one.localeCompare(two))
        .slice(-3)
        .map(([day, count]) => ({ day, events: count })),
    );
  });

  it('is zero for those of whom nothing is known, and null for what is no id', async () => {
    const viewer = testViewer();
    const { data, errors } = await running.query(SUMMARY, {
      viewer,
      variables: { ids: [viewer.userId, 'nobody'].map(reference), last: 1 },
    });
    expect(errors).toEqual([]);
    expect(data._entities[0].activitySummary).toMatchObject({
      logins: 0,
      notificationsReceived: 0,
      events: 0,
      lastActiveAt: null,
      days: [{ events: 0 }],
    });
    expect(data._entities[1]).toBeNull();
  });

  it('of others is refused, without a loss to the neighbours', async () => {
    const viewer = testViewer();
    const other = uuidv7();
    const { data, errors } = await running.query(SUMMARY, {
      viewer,
      variables: { ids: [other, viewer.userId].map(reference) },
    });
    expect(data._entities[0]).toEqual({ id: other, activitySummary: null });
    expect(data._entities[1].activitySummary).not.toBeNull();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      path: ['_entities', 0, 'activitySummary'],
      extensions: { code: 'FORBIDDEN', permission: 'analytics:read:any' },
    });
  });

  it('costs as many statements for 100 users as for 10', async () => {
    const viewer = testViewer({ permissions: ['analytics:read:any'] });
    const ids = Array.from({ length: 100 }, () => reference(uuidv7()));
    const [ten, hundred] = [10, 100].map((count) =>
      running.query(SUMMARY, { viewer, variables: { ids: ids.slice(0, count) } }),
    );
    expect([(await ten)?.statements, (await hundred)?.statements]).toEqual([2, 2]);
    expect((await hundred)?.data._entities).toHaveLength(100);
  });

  it('refuses a time zone that is none and too many days, and keeps the rest', async () => {
    const viewer = testViewer();
    for (const variables of [{ timezone: '+01:00' }, { timezone: 'Mars/Olympus' }, { last: 0 }, { last: 91 }]) {
      const { data, errors } = await running.query(SUMMARY, {
        viewer,
        variables: { ids: [reference(viewer.userId)], ...variables },
      });
      expect(data._entities[0].activitySummary).toMatchObject({ logins: 0, days: null });
      expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    }
  });
});

import { setTimeout as wait } from 'node:timers/promises';
import { userDeleted } from '@orion/platform/event-contracts';
import type { Viewer } from '@orion/platform/identity';
import { eventually } from '@orion/platform/testing';
import { envelopeOf, startNotification } from '../testing/notification-fixture.js';
import type { NotificationFixture } from '../testing/notification-fixture.js';

let notification: NotificationFixture;
beforeAll(async () => {
  notification = await startNotification();
});
afterAll(() => notification?.stop());

const RECEIVED = `subscription ($afterRev: Int) { notificationReceived(afterRev: $afterRev) { rev
  notification { id title type data readAt recipient { id } actor { id } attempts { number } } counts { unseen unread total rev } } }`;
const COUNTS = 'subscription { notificationCountsChanged { unseen unread total rev } }';
const READ = 'mutation ($ids: [ID!]!) { markNotificationsRead(input: { ids: $ids }) { changed } }';
const ARCHIVE = 'mutation ($ids: [ID!]!) { archiveNotifications(input: { ids: $ids }) { changed } }';
const SEEN = 'mutation ($ids: [ID!]!) { markNotificationsSeen(input: { ids: $ids }) { changed } }';

const listen = (viewer: Viewer | null, afterRev?: number) =>
  notification.subscribe(RECEIVED, { viewer, variables: afterRev === undefined ? {} : { afterRev } });

/** A listener that hears nothing looks the same as one that does not listen yet: this one is proved to listen. */
const listening = async (viewer: Viewer) => {
  const subscription = await listen(viewer, 0);
  expect((await subscription.next()).notificationReceived.notification.type).toBe('WELCOME');
  return subscription;
};

test('a notification arrives complete, with the counts, and with the id of who caused it', async () => {
  const viewer = await notification.signUp();
  const subscription = await listening(viewer);
  const [id] = await notification.send(viewer, ['hello']);
  expect((await subscription.next()).notificationReceived).toEqual({
    rev: 2,
    notification: {
      id,
      title: 'hello',
      type: 'TEST',
      data: null,
      readAt: null,
      recipient: { id: viewer.userId },
      actor: { id: expect.any(String) },
      attempts: [],
    },
    counts: { unseen: 2, unread: 2, total: 2, rev: 2 },
  });
  await subscription.end();
});

test('without afterRev only what is new is told, and only to the owner', async () => {
  const owner = await notification.signUp();
  const other = await notification.signUp();
  const [ownerHears, otherHears] = await Promise.all([listen(owner), listening(other)]);
  const first = ownerHears.next();
  // When a subscription is taken up is not told to the client, so the sender tries until it is.
  const ids: string[] = [];
  await eventually(async () => {
    ids.push(...(await notification.send(owner, [`new ${ids.length}`])));
    return Promise.race([first, wait(100, undefined)]);
  });
  const { rev, notification: heard } = (await first).notificationReceived;
  expect(ids).toContain(heard.id);
  expect(rev).toBe(ids.indexOf(heard.id) + 2);
  await notification.send(other, ['for the other']);
  expect((await otherHears.next()).notificationReceived.notification.title).toBe('for the other');
  await Promise.all([ownerHears.end(), otherHears.end()]);
});

test('after a pause everything missed is told in order and once, then it goes on live without a gap', async () => {
  const viewer = await notification.signUp();
  await notification.send(
    viewer,
    Array.from({ length: 130 }, (_, index) => `missed ${index}`),
  );
  // Sent by several at once while the listener reads what it missed.
  const sending = Promise.all(
    Array.from({ length: 4 }, (_, by) =>
      notification.send(
        viewer,
        Array.from({ length: 25 }, (_item, index) => `live ${by}.${index}`),
      ),
    ),
  );
  const subscriptions = await Promise.all([listen(viewer, 0), listen(viewer, 50), listen(viewer, 131)]);
  await sending;
  for (const [index, subscription] of subscriptions.entries()) {
    const start = [0, 50, 131][index] ?? 0;
    const revs: number[] = [];
    while (revs.at(-1) !== 231) revs.push((await subscription.next()).notificationReceived.rev);
    expect(revs).toEqual(Array.from({ length: 231 - start }, (_, offset) => start + offset + 1));
    await subscription.end();
  }
});

test('a state that the inbox has not come to is refused', async () => {
  const viewer = await notification.signUp();
  for (const afterRev of [2, -1]) {
    const subscription = await listen(viewer, afterRev);
    expect((await subscription.next()).errors[0].extensions.code).toBe('BAD_USER_INPUT');
    await subscription.end();
  }
});

test('nobody listens without signing in', async () => {
  for (const document of [RECEIVED, COUNTS]) {
    const subscription = await notification.subscribe(document, { viewer: null });
    expect((await subscription.next()).errors[0].extensions.code).toBe('UNAUTHENTICATED');
    await subscription.end();
  }
});

test('the counts are told after every kind of change, in the order of states', async () => {
  const viewer = await notification.signUp();
  const subscription = await notification.subscribe(COUNTS, { viewer });
  let next = subscription.next();
  // As above: until it is proved to listen.
  await eventually(async () => {
    await notification.send(viewer, ['again']);
    return Promise.race([next, wait(100, undefined)]);
  });
  const until = async (rev: number) => {
    for (;;) {
      const { notificationCountsChanged: counts } = await next;
      next = subscription.next();
      if (counts.rev >= rev) return counts;
    }
  };
  const state = async () =>
    Number(
      (await notification.sql<{ rev: string }>('SELECT rev FROM inboxes WHERE user_id = $1', [viewer.userId]))[0]?.rev,
    );
  const before = await until(await state());
  const [id] = (await notification.send(viewer, ['one'])) as [string];
  const sent = await until(before.rev + 1);
  expect(sent).toEqual({
    unseen: before.unseen + 1,
    unread: before.unread + 1,
    total: before.total + 1,
    rev: before.rev + 1,
  });
  for (const [document, difference] of [
    [SEEN, { unseen: -1, unread: 0, total: 0 }],
    [READ, { unseen: -1, unread: -1, total: 0 }],
    [ARCHIVE, { unseen: -1, unread: -1, total: -1 }],
  ] as const) {
    await notification.query(document, { viewer, variables: { ids: [id] } });
    const counts = await until(await state());
    expect(counts).toEqual({
      unseen: sent.unseen + difference.unseen,
      unread: sent.unread + difference.unread,
      total: sent.total + difference.total,
      rev: await state(),
    });
  }
  await subscription.end();
});

test('several devices of one person hear the same', async () => {
  const viewer = await notification.signUp();
  const devices = await Promise.all(Array.from({ length: 3 }, () => listening(viewer)));
  await notification.send(viewer, ['a', 'b']);
  for (const device of devices) {
    expect((await device.next()).notificationReceived.notification.title).toBe('a');
    expect((await device.next()).notificationReceived.notification.title).toBe('b');
    await device.end();
  }
});

test('a person who is deleted while they listen disturbs nobody', async () => {
  const [gone, viewer] = await Promise.all([notification.signUp(), notification.signUp()]);
  const [goneHears, hears] = await Promise.all([listening(gone), listening(viewer)]);
  await notification.send(gone, ['last']);
  await notification.emit(envelopeOf(userDeleted.of({ userId: gone.userId })));
  await notification.send(viewer, ['fine']);
  expect((await hears.next()).notificationReceived.notification.title).toBe('fine');
  await Promise.all([goneHears.end(), hears.end()]);
});

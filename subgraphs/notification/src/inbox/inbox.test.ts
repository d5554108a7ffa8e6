import { testViewer } from '@orion/platform/testing';
import type { Viewer } from '@orion/platform/identity';
import { sender, startNotification } from '../testing/notification-fixture.js';
import type { NotificationFixture } from '../testing/notification-fixture.js';

let notification: NotificationFixture;
beforeAll(async () => {
  notification = await startNotification();
});
afterAll(() => notification?.stop());

const CHANGED = '{ changed counts { unseen unread total rev } userErrors { code path } }';
const DOCUMENTS = {
  seen: `mutation ($ids: [ID!]!) { answer: markNotificationsSeen(input: { ids: $ids }) ${CHANGED} }`,
  read: `mutation ($ids: [ID!]!) { answer: markNotificationsRead(input: { ids: $ids }) ${CHANGED} }`,
  archive: `mutation ($ids: [ID!]!) { answer: archiveNotifications(input: { ids: $ids }) ${CHANGED} }`,
  readAll: `mutation { answer: markAllNotificationsRead ${CHANGED} }`,
} as const;
const change = async (viewer: Viewer, kind: keyof typeof DOCUMENTS, ids: readonly string[] = []) => {
  const { data, errors } = await notification.query(DOCUMENTS[kind], {
    viewer,
    variables: kind === 'readAll' ? {} : { ids },
  });
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data.answer;
};

const INBOX = `query ($ids: [_Any!]!, $filter: NotificationFilter, $first: Int, $after: String) {
  _entities(representations: $ids) { ... on User {
    notifications(filter: $filter, first: $first, after: $after) { nodes { id title } pageInfo { hasNextPage endCursor } }
    notificationCounts { unseen unread total rev } } } }`;
const references = (users: readonly { userId: string }[]) =>
  users.map(({ userId }) => ({ __typename: 'User', id: userId }));
const inbox = async (viewer: Viewer, variables: Readonly<Record<string, unknown>> = {}) => {
  const { data, errors } = await notification.query(INBOX, {
    viewer,
    variables: { ids: references([viewer]), first: 20, ...variables },
  });
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data._entities[0];
};
const titles = async (viewer: Viewer, variables: Readonly<Record<string, unknown>> = {}) =>
  (await inbox(viewer, variables)).notifications.nodes.map(({ title }: { title: string }) => title);

/** The counters beside what they count. */
const countedOf = async ({ userId }: Viewer) => {
  const [row] = await notification.sql<{ kept: object; counted: object; revs: string; highest: string }>(
    `SELECT (SELECT to_jsonb(i) - 'user_id' - 'rev' FROM inboxes i WHERE user_id = $1) AS kept,
            jsonb_build_object('unseen', count(*) FILTER (WHERE seen_at IS NULL AND archived_at IS NULL),
              'unread', count(*) FILTER (WHERE read_at IS NULL AND archived_at IS NULL),
              'total', count(*) FILTER (WHERE archived_at IS NULL)) AS counted
       FROM notifications WHERE recipient_id = $1 AND channel = 'IN_APP'`,
    [userId],
  );
  return row;
};

test('marking counts down once, and tells how many changed', async () => {
  const viewer = await notification.signUp();
  const [a, b, c] = (await notification.send(viewer, ['a', 'b', 'c'])) as [string, string, string];
  expect(await change(viewer, 'seen', [a, b])).toEqual({
    changed: 2,
    counts: { unseen: 2, unread: 4, total: 4, rev: 5 },
    userErrors: [],
  });
  expect(await change(viewer, 'read', [b, c, c])).toMatchObject({
    changed: 2,
    counts: { unseen: 1, unread: 2, total: 4, rev: 6 },
  });
  expect(await change(viewer, 'read', [b, c])).toMatchObject({
    changed: 0,
    counts: { unseen: 1, unread: 2, total: 4, rev: 6 },
  });
  expect(await change(viewer, 'archive', [a, b])).toMatchObject({
    changed: 2,
    counts: { unseen: 1, unread: 1, total: 2, rev: 7 },
  });
  expect(await change(viewer, 'readAll')).toMatchObject({
    changed: 1,
    counts: { unseen: 0, unread: 0, total: 2, rev: 8 },
  });
  expect((await inbox(viewer)).notificationCounts).toEqual({ unseen: 0, unread: 0, total: 2, rev: 8 });
});

test('the lists show the inbox, what is unread in it, certain types, and the archive', async () => {
  const viewer = await notification.signUp();
  const [a, b] = (await notification.send(viewer, ['a', 'b', 'c'])) as [string, string, string];
  await change(viewer, 'read', [a]);
  await change(viewer, 'archive', [b]);
  expect(await titles(viewer)).toEqual(['c', 'a', 'Welcome to ORION, Alice']);
  expect(await titles(viewer, { filter: { unreadOnly: true } })).toEqual(['c', 'Welcome to ORION, Alice']);
  expect(await titles(viewer, { filter: { unreadOnly: true, types: ['TEST', 'NONE'] } })).toEqual(['c']);
  expect(await titles(viewer, { filter: { types: [] } })).toEqual([]);
  expect(await titles(viewer, { filter: { archived: true } })).toEqual(['b']);
});

test('pages follow one another without a gap', async () => {
  const viewer = await notification.signUp();
  await notification.send(viewer, ['a', 'b', 'c', 'd']);
  const first = (await inbox(viewer, { first: 3 })).notifications;
  expect(first.pageInfo.hasNextPage).toBe(true);
  const second = (await inbox(viewer, { first: 3, after: first.pageInfo.endCursor })).notifications;
  expect([...first.nodes, ...second.nodes].map(({ title }) => title)).toEqual([
    'd',
    'c',
    'b',
    'a',
    'Welcome to ORION, Alice',
  ]);
  expect(second.pageInfo.hasNextPage).toBe(false);
});

test('what is sent by mail only is in no inbox', async () => {
  const viewer = await notification.signUp();
  await notification.query(
    'mutation ($input: SendNotificationInput!) { sendNotification(input: $input) { userErrors { code } } }',
    {
      viewer: sender,
      variables: { input: { recipientId: viewer.userId, type: 'TEST', title: 'mail', channels: ['EMAIL'] } },
    },
  );
  expect(await titles(viewer)).toEqual(['Welcome to ORION, Alice']);
  expect((await inbox(viewer)).notificationCounts.total).toBe(1);
});

test("nobody sees or changes what is another person's", async () => {
  const owner = await notification.signUp();
  const other = await notification.signUp();
  const [id] = (await notification.send(owner, ['private'])) as [string];
  for (const kind of ['seen', 'read', 'archive'] as const) {
    expect(await change(other, kind, [id, 'no uuid'])).toMatchObject({ changed: 0, counts: { total: 1, rev: 1 } });
  }
  expect((await inbox(owner)).notificationCounts).toEqual({ unseen: 2, unread: 2, total: 2, rev: 2 });
  const { data, errors } = await notification.query(INBOX, {
    viewer: other,
    variables: { ids: references([owner]), first: 5 },
  });
  expect(data._entities).toEqual([{ notifications: null, notificationCounts: null }]);
  expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  const entity =
    'query ($id: ID!) { _entities(representations: [{ __typename: "Notification", id: $id }]) { ... on Notification { title } } }';
  const titleFor = async (viewer: Viewer | null) =>
    (await notification.query(entity, { viewer, variables: { id } })).data._entities[0]?.title;
  expect(await titleFor(owner)).toBe('private');
  expect(await titleFor(other)).toBeUndefined();
  expect(await titleFor(null)).toBeUndefined();
  expect(await titleFor(testViewer({ permissions: ['notification:read:any'] }))).toBe('private');
});

test('a mutation takes no more than 100 ids', async () => {
  const viewer = await notification.signUp();
  const ids = Array.from({ length: 101 }, () => testViewer().userId);
  expect(await change(viewer, 'read', ids)).toEqual({
    changed: 0,
    counts: { unseen: 1, unread: 1, total: 1, rev: 1 },
    userErrors: [{ code: 'TOO_MANY_NOTIFICATIONS', path: ['input', 'ids'] }],
  });
});

test('the first sign of the recipient is the proof of delivery, told once', async () => {
  const viewer = await notification.signUp();
  const [id] = (await notification.send(viewer, ['a'])) as [string];
  await change(viewer, 'seen', [id]);
  await change(viewer, 'read', [id]);
  await change(viewer, 'archive', [id]);
  expect(await notification.sql('SELECT status FROM notifications WHERE id = $1', [id])).toEqual([
    { status: 'DELIVERED' },
  ]);
  const rows = await notification.sql<{ type: string }>(
    `SELECT type FROM (SELECT seq, envelope->>'type' AS type, envelope->'data'->>'notificationId' AS id FROM outbox) o WHERE id = $1 ORDER BY seq`,
    [id],
  );
  const logged = await notification.bus<{ type: string }>(
    `SELECT type FROM log WHERE envelope->'data'->>'notificationId' = $1 ORDER BY seq`,
    [id],
  );
  const types = [...new Set([...logged, ...rows].map(({ type }) => type.split('.')[3]))];
  expect(types).toEqual(['sent', 'delivered', 'read', 'archived']);
});

test('many who mark, archive and send at once never make the counters differ from what they count', async () => {
  for (let round = 0; round < 10; round += 1) {
    const viewer = await notification.signUp();
    const ids = await notification.send(
      viewer,
      Array.from({ length: 12 }, (_, index) => String(index)),
    );
    const some = () => ids.filter(() => Math.random() < 0.6);
    const answers = await Promise.all([
      ...Array.from({ length: 4 }, () => change(viewer, 'seen', some())),
      ...Array.from({ length: 4 }, () => change(viewer, 'read', some())),
      ...Array.from({ length: 3 }, () => change(viewer, 'archive', some())),
      change(viewer, 'readAll'),
      notification.send(viewer, ['later', 'latest']),
    ]);
    const row = await countedOf(viewer);
    expect(row?.kept).toEqual(row?.counted);
    const changes = answers.filter((answer) => answer.changed > 0).length;
    // The welcome, the twelve, the two, and one state for each mutation that changed something.
    expect((await inbox(viewer)).notificationCounts.rev).toBe(15 + changes);
  }
});

test('of many who read the same notification at once one changes it', async () => {
  const viewer = await notification.signUp();
  const [id] = (await notification.send(viewer, ['a'])) as [string];
  const answers = await Promise.all(Array.from({ length: 20 }, () => change(viewer, 'read', [id])));
  expect(answers.filter(({ changed }) => changed === 1)).toHaveLength(1);
  expect(await notification.sql('SELECT unread, rev FROM inboxes WHERE user_id = $1', [viewer.userId])).toEqual([
    { unread: 1, rev: '3' },
  ]);
});

test('states of an inbox follow one another without a gap when many send to the same people at once', async () => {
  const people = await Promise.all(Array.from({ length: 4 }, () => notification.signUp()));
  const sends = Array.from({ length: 24 }, (_, index) =>
    notification.query(
      'mutation ($input: SendNotificationInput!) { sendNotification(input: $input) { userErrors { code } } }',
      {
        viewer: sender,
        variables: {
          input: {
            recipientIds: people.map(({ userId }) => userId).toSorted(() => Math.random() - 0.5),
            type: 'TEST',
            title: String(index),
          },
        },
      },
    ),
  );
  for (const { data, errors } of await Promise.all(sends))
    expect({ data, errors }).toEqual({ data: { sendNotification: { userErrors: [] } }, errors: [] });
  for (const { userId } of people) {
    const revs = await notification.sql<{ rev: string }>(
      'SELECT rev FROM notifications WHERE recipient_id = $1 ORDER BY rev',
      [userId],
    );
    expect(revs.map(({ rev }) => Number(rev))).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  }
});

test('a hundred people cost as many statements as one', async () => {
  const reader = testViewer({ permissions: ['notification:read:any'] });
  const people = [
    ...(await Promise.all(Array.from({ length: 5 }, () => notification.signUp()))),
    ...Array.from({ length: 95 }, () => testViewer()),
  ];
  const document = `query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on User { id
    notifications(first: 3) { nodes { id actor { id } attempts { number } } }
    unread: notifications(first: 2, filter: { unreadOnly: true, types: ["WELCOME"] }) { nodes { id } }
    notificationCounts { total } } } }`;
  const ask = (users: readonly { userId: string }[]) =>
    notification.query(document, { viewer: reader, variables: { ids: references(users) } });
  const one = await ask(people.slice(0, 1));
  const hundred = await ask(people);
  expect(hundred.errors).toEqual([]);
  expect(hundred.statements).toBe(one.statements);
  expect(hundred.statements).toBe(3);
  expect(
    hundred.data._entities.map(
      ({ notificationCounts }: { notificationCounts: { total: number } }) => notificationCounts.total,
    ),
  ).toEqual([...Array.from({ length: 5 }, () => 1), ...Array.from({ length: 95 }, () => 0)]);
});

import { uuidv7 } from '@orion/platform/ids';
import { eventually, testViewer } from '@orion/platform/testing';
import { startNotification } from '../testing/notification-fixture.js';
import type { NotificationFixture } from '../testing/notification-fixture.js';
import { profileEvent, startPoisonedService } from '../testing/poisoned-service.js';

const operator = testViewer({ permissions: ['event:replay:any'] });

const REPLAY = `mutation ($input: ReplayEventsInput!) { replayEvents(input: $input) {
  replay { id group fromTime fromOffset types state requestedAt requestedBy { id } service events error finishedAt }
  userErrors { code path } } }`;
const REPLAYS = '{ eventReplays(first: 5) { nodes { id state service events error finishedAt } } }';

let notification: NotificationFixture;
beforeAll(async () => {
  notification = await startNotification();
});
afterAll(() => notification?.stop());

async function replay(input: Record<string, unknown>, viewer = operator) {
  const { data, errors } = await notification.query(REPLAY, { viewer, variables: { input } });
  return { ...data?.replayEvents, errors };
}

const requestsOnBus = async () =>
  (await notification.bus(`SELECT 1 FROM log WHERE type = 'dev.orion.events.replay_requested.v1'`)).length;

test('a group of another service reads again what it lacks, and the answer shows', async () => {
  const since = new Date();
  await notification.emit(profileEvent('before the group'));
  const other = await startPoisonedService(notification.busUrl);
  try {
    await notification.emit(profileEvent('after'));
    await eventually(async () => (await other.effects()).length === 1);
    const answer = await replay({ group: other.group, from: { time: since.toISOString() }, types: ['user.*'] });
    expect(answer).toMatchObject({
      replay: {
        group: other.group,
        fromTime: since.toISOString(),
        fromOffset: null,
        types: ['user.*'],
        state: 'REQUESTED',
        requestedBy: { id: operator.userId },
        service: null,
      },
      userErrors: [],
    });
    await eventually(async () => (await other.effects()).length === 2);
    // What has taken effect does not do so again.
    expect(await other.effects()).toEqual(['after', 'before the group']);
    const finished = await eventually(async () => {
      const { data } = await notification.query(REPLAYS, { viewer: operator });
      const found = data.eventReplays.nodes.find(({ id }: { id: string }) => id === answer.replay.id);
      return found.state === 'FINISHED' && found;
    });
    expect(finished).toMatchObject({ service: other.service, events: 1, error: null, finishedAt: expect.any(String) });
    const audits = await notification.bus<{ data: unknown }>(
      `SELECT envelope->'data' AS data FROM log WHERE type = 'dev.orion.audit.recorded.v1'
         AND envelope->'data'->>'service' = 'notification'`,
    );
    expect(audits).toEqual([
      {
        data: expect.objectContaining({
          action: 'events.replay_requested',
          actorId: operator.userId,
          targets: [
            { type: 'consumer_group', id: other.group },
            { type: 'event_replay', id: answer.replay.id },
          ],
        }),
      },
    ]);
  } finally {
    await other.stop();
  }
});

test('a group that nobody answers for stays visible as asked for', async () => {
  const { replay: asked } = await replay({ group: 'nobody.knows', from: { beginning: true } });
  const { data } = await notification.query(REPLAYS, { viewer: operator });
  expect(data.eventReplays.nodes[0]).toMatchObject({ id: asked.id, state: 'REQUESTED', finishedAt: null });
});

test.each([
  ['GROUP_INVALID', { group: '', from: { beginning: true } }],
  ['GROUP_INVALID', { group: 'No Group', from: { beginning: true } }],
  ['POSITION_INVALID', { group: 'g', from: {} }],
  ['POSITION_INVALID', { group: 'g', from: { offset: -1 } }],
  ['POSITION_INVALID', { group: 'g', from: { offset: 1, beginning: true } }],
  ['POSITION_INVALID', { group: 'g', from: { offset: 1, time: '2030-01-01T00:00:00Z' } }],
  ['TYPES_INVALID', { group: 'g', from: { offset: 1 }, types: [] }],
  ['TYPES_INVALID', { group: 'g', from: { offset: 1 }, types: ['user.*', 'u**'] }],
])('%s: %j is refused, and nobody is asked', async (code, input) => {
  const before = await requestsOnBus();
  expect(await replay(input)).toMatchObject({ replay: null, userErrors: [{ code }] });
  expect(await requestsOnBus()).toBe(before);
});

test('without event:replay:any nothing is shown and nobody is asked', async () => {
  const stranger = testViewer({ userId: uuidv7(), permissions: ['deadletter:manage:any'] });
  const before = await requestsOnBus();
  const { errors } = await replay({ group: 'g', from: { beginning: true } }, stranger);
  expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'event:replay:any' });
  expect(await requestsOnBus()).toBe(before);
  const listed = await notification.query(REPLAYS, { viewer: stranger });
  expect(listed.data).toEqual({ eventReplays: null });
});

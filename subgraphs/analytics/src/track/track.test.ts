import { userLogin } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { startTestSubgraph, testViewer } from '@orion/platform/testing';
import type { TestAnswer, TestSubgraph } from '@orion/platform/testing';
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

const TRACK =
  'mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { results { index id status reason } userErrors { code path } } }';
const send = (events: readonly object[], viewer = testViewer()): Promise<TestAnswer> =>
  running.query(TRACK, { viewer, variables: { input: { events } } });
const statuses = ({ data }: TestAnswer): string[] =>
  data.trackEvents.results.map(({ status, reason }: { status: string; reason: string | null }) => reason ?? status);
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const at = (offset: number) => new Date(Date.now() + offset).toISOString();

describe('trackEvents', () => {
  it('stores what happened, for the one who sends it', async () => {
    const viewer = testViewer();
    const occurredAt = at(-MINUTE);
    const answer = await send(
      [
        { id: 'a', name: 'page.viewed', occurredAt, anonymousId: 'visitor', properties: { path: '/', depth: 2 } },
        { id: 'b', name: 'cart' },
      ],
      viewer,
    );
    expect(answer.errors).toEqual([]);
    expect(answer.data.trackEvents).toEqual({
      results: [
        { index: 0, id: 'a', status: 'ACCEPTED', reason: null },
        { index: 1, id: 'b', status: 'ACCEPTED', reason: null },
      ],
      userErrors: [],
    });
    const rows = await bus.sql('SELECT * FROM events WHERE user_id = $1 ORDER BY occurred_at', [viewer.userId]);
    expect(rows).toEqual([
      expect.objectContaining({
        type: 'client',
        name: 'page.viewed',
        occurred_at: new Date(occurredAt),
        session_id: viewer.sessionId,
        anonymous_id: 'visitor',
        properties: { path: '/', depth: 2 },
      }),
      expect.objectContaining({ name: 'cart', anonymous_id: null, properties: {} }),
    ]);
  });

  it('counts an id once: in one batch, in the next one, and at another time', async () => {
    const viewer = testViewer();
    expect(
      statuses(
        await send(
          [
            { id: '1', name: 'x' },
            { id: '1', name: 'x' },
            { id: '2', name: 'x' },
          ],
          viewer,
        ),
      ),
    ).toEqual(['ACCEPTED', 'DUPLICATE', 'ACCEPTED']);
    expect(
      statuses(
        await send(
          [
            { id: '2', name: 'x', occurredAt: at(-DAY) },
            { id: '3', name: 'x' },
          ],
          viewer,
        ),
      ),
    ).toEqual(['DUPLICATE', 'ACCEPTED']);
    expect(await bus.sql('SELECT 1 FROM events WHERE user_id = $1', [viewer.userId])).toHaveLength(3);
  });

  it('counts once what is sent by many at once, in any order', async () => {
    const viewer = testViewer();
    const events = Array.from({ length: 200 }, (_, n) => ({ id: String(n), name: 'race' }));
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => send(n % 2 === 0 ? events : events.toReversed(), viewer)),
    );
    expect(answers.flatMap(statuses).filter((status) => status === 'ACCEPTED')).toHaveLength(200);
    expect(await bus.sql('SELECT 1 FROM events WHERE user_id = $1', [viewer.userId])).toHaveLength(200);
  });

  it("keeps one user's ids apart from another's", async () => {
    expect(statuses(await send([{ id: 'same', name: 'x' }]))).toEqual(['ACCEPTED']);
    expect(statuses(await send([{ id: 'same', name: 'x' }]))).toEqual(['ACCEPTED']);
  });

  it('cannot take the place of an event of the platform', async () => {
    const userId = uuidv7();
    const id = uuidv7();
    expect(
      statuses(
        await send(
          [
            { id, name: 'x' },
            { id: 'l', name: 'user.login' },
            { id: 'm', name: 'session' },
          ],
          testViewer({ userId }),
        ),
      ),
    ).toEqual(['ACCEPTED', 'NAME_RESERVED', 'NAME_RESERVED']);
    const login = userLogin.of({
      userId,
      sessionId: uuidv7(),
      deviceId: uuidv7(),
      isNewDevice: false,
      ip: null,
      userAgent: null,
    });
    await bus.taken(await bus.deliver(login, { id }));
    expect(await bus.sql('SELECT 1 FROM events WHERE user_id = $1', [userId])).toHaveLength(2);
  });

  it('rejects each event that is not right, and takes its neighbours', async () => {
    const deep = { a: { b: { c: { d: { e: { f: 1 } } } } } };
    const answer = await send([
      { id: '', name: 'x' },
      { id: 'x'.repeat(101), name: 'x' },
      { id: '1', name: 'Not A Name' },
      { id: '2', name: 'a.b.c.d.e' },
      { id: '3', name: 'x', occurredAt: at(-7 * DAY - MINUTE) },
      { id: '4', name: 'x', occurredAt: at(6 * MINUTE) },
      { id: '5', name: 'x', anonymousId: '' },
      { id: '6', name: 'x', properties: [1] },
      { id: '7', name: 'x', properties: deep },
      { id: '8', name: 'x', properties: { text: 'x'.repeat(8_192) } },
      { id: '9', name: 'x', occurredAt: at(-7 * DAY + MINUTE) },
    ]);
    expect(statuses(answer)).toEqual([
      'ID_INVALID',
      'ID_INVALID',
      'NAME_INVALID',
      'NAME_INVALID',
      'OCCURRED_AT_OUT_OF_RANGE',
      'OCCURRED_AT_OUT_OF_RANGE',
      'ANONYMOUS_ID_INVALID',
      'PROPERTIES_INVALID',
      'PROPERTIES_INVALID',
      'PROPERTIES_TOO_LARGE',
      'ACCEPTED',
    ]);
  });

  it('keeps no secrets and no contact data, however the name is spelt', async () => {
    const viewer = testViewer();
    const properties = {
      plan: 'pro',
      user: { Email: 'a@b.test', eMail: 1, e_mail: 2, 'pass-word': 3, ip: '10.0.0.1', name: 'kept' },
      list: [{ accessToken: 's' }],
      password: 'p',
      ['__proto__x']: 1,
    };
    expect(statuses(await send([{ id: '1', name: 'x', properties }], viewer))).toEqual(['ACCEPTED']);
    const [row] = await bus.sql<{ properties: unknown }>('SELECT properties FROM events WHERE user_id = $1', [
      viewer.userId,
    ]);
    expect(row?.properties).toEqual({ plan: 'pro', user: { name: 'kept' }, list: [{}], ['__proto__x']: 1 });
  });

  it('refuses text that no table can hold', async () => {
    const { errors } = await send([{ id: '1', name: 'x', properties: { plan: 'pro\u0000' } }]);
    expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });

  it('takes 500 events in one statement and refuses more', async () => {
    const events = (count: number) => Array.from({ length: count }, (_, n) => ({ id: String(n), name: 'x' }));
    await send(events(1));
    const answer = await send(events(500));
    expect(answer.statements).toBe(1);
    expect(statuses(answer).every((status) => status === 'ACCEPTED')).toBe(true);
    const refused = await send(events(501));
    expect(refused.data.trackEvents).toEqual({
      results: [],
      userErrors: [{ code: 'TOO_MANY_EVENTS', path: ['input', 'events'] }],
    });
  });

  it('is for those who are signed in', async () => {
    const { data, errors } = await running.query(TRACK, { variables: { input: { events: [] } } });
    expect(data).toBeNull();
    expect(errors[0]).toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
  });
});

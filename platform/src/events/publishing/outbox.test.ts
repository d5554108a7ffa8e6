import { runCausedBy } from '../causation.js';
import type { EventEnvelope } from '../envelope.js';
import { counted, openEventTestBed } from '../testing/event-test-bed.js';
import type { EventTestBed } from '../testing/event-test-bed.js';
import { publish } from './outbox.js';
import { EventValidationError } from './pending-event.js';

let bed: EventTestBed;

beforeAll(async () => {
  bed = await openEventTestBed();
});
afterAll(() => bed.close());
beforeEach(() => bed.dataSource.query('TRUNCATE outbox'));

const outbox = async (): Promise<EventEnvelope[]> => {
  const rows: { envelope: EventEnvelope }[] = await bed.dataSource.query('SELECT envelope FROM outbox ORDER BY seq');
  return rows.map(({ envelope }) => envelope);
};

describe('publish', () => {
  it('writes the envelopes of all events in order', async () => {
    const events = await bed.dataSource.transaction((manager) =>
      publish(
        manager,
        [1, 2, 3].map((n) => counted.of({ counterId: 'c1', n })),
      ),
    );
    expect(await outbox()).toEqual(events);
    expect(events.map(({ id }) => id).toSorted()).toEqual(events.map(({ id }) => id));
    expect(events[0]).toMatchObject({
      type: 'dev.orion.test.counted.v1',
      source: '/subgraphs/user',
      topic: 'orion.user',
      key: 'c1',
      actorId: null,
      data: { counterId: 'c1', n: 1 },
    });
    expect(new Date(events[0]?.time ?? '').toISOString()).toBe(events[0]?.time);
  });

  it('publishes nothing when the transaction fails', async () => {
    const failing = bed.dataSource.transaction(async (manager) => {
      await publish(manager, [counted.of({ counterId: 'c1', n: 1 })]);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await outbox()).toEqual([]);
  });

  it('refuses to publish outside of a transaction', async () => {
    await expect(publish(bed.dataSource.manager, [counted.of({ counterId: 'c1', n: 1 })])).rejects.toThrow(
      /transaction/,
    );
  });

  it('names every problem of every event, and publishes none of them', async () => {
    const publishing = bed.dataSource.transaction((manager) =>
      publish(manager, [
        counted.of({ counterId: 'c1', n: 1 }),
        counted.of({ counterId: 7, n: 1.5 } as never),
        counted.of({ counterId: '', n: 2 }),
        counted.of({ counterId: 'a\0b', n: 2 }),
        counted.of({ counterId: 'x'.repeat(300_000), n: 2 }),
      ]),
    );
    const error = await publishing.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EventValidationError);
    const { problems } = error as EventValidationError;
    expect(problems).toHaveLength(5);
    expect(problems.join('\n')).toMatch(
      /counterId: .*\n.*n: .*\n.*key is empty.*\n.*key is empty or holds control characters\n.*bytes/,
    );
    expect(await outbox()).toEqual([]);
  });

  it('carries the cause of what runs, through awaits', async () => {
    const cause = { correlationId: 'request-1', causationId: 'request-1', actorId: 'user-1' };
    await runCausedBy(cause, () =>
      bed.dataSource.transaction(async (manager) => {
        await manager.query('SELECT 1');
        await publish(manager, [counted.of({ counterId: 'c1', n: 1 })]);
      }),
    );
    expect(await outbox()).toEqual([expect.objectContaining(cause)]);
  });

  it('is its own cause when there is no other', async () => {
    const [event] = await bed.dataSource.transaction((manager) =>
      publish(manager, [counted.of({ counterId: 'c1', n: 1 })]),
    );
    expect(event).toMatchObject({ correlationId: event?.id, causationId: event?.id });
  });

  it('keeps text that Postgres has no character for', async () => {
    const text = 'NUL \0, half a pair \ud83d, \u2713';
    const events = await bed.dataSource.transaction((manager) =>
      publish(manager, [counted.of({ counterId: 'c', n: 1 })]),
    );
    await bed.dataSource.query('UPDATE outbox SET envelope = $1', [JSON.stringify({ ...events[0], data: { text } })]);
    expect(await outbox()).toEqual([expect.objectContaining({ data: { text } })]);
  });
});

import type { Queryable } from '../../../database/index.js';
import { createConditionLog } from '../../../log/index.js';
import { backoffDelay, createWakeUp } from '../../../pacing/index.js';
import type { EventEnvelope } from '../../envelope.js';
import type { EventTail, TailOptions } from '../transport.js';
import type { PostgresBus } from './postgres-bus.js';
import { readHead, readLog } from './postgres-log.js';
import { locateInLog } from './postgres-position.js';
import { topicFilter } from './postgres-topic-filter.js';

const BATCH_SIZE = 500;
/** The bus wakes a reader; without that it looks by itself. */
const IDLE_MS = 30_000;
const RETRY = { baseMs: 100, capMs: 5_000 };
/** For clocks that disagree: what lies in it is shown a second time. */
const RESTORE_MARGIN_MS = 60_000;

/**
 * Shows every event of `topics` to this process. Resolves when the place to start at is known, or, when the database
 * does not answer, at once: then everything that is recorded from this moment on (by the clock here) is shown later.
 */
export async function startPostgresTail(
  bus: PostgresBus,
  topics: readonly string[],
  options: TailOptions,
): Promise<EventTail> {
  const filter = topicFilter(topics);
  const condition = createConditionLog(bus.logger, `event tail of ${topics.join(', ')}`);
  const work = createWakeUp();
  const halt = createWakeUp();
  const calledAt = new Date();
  let stopped = false;
  let failures = 0;
  let place: { position: number; readonly end: number } | undefined;
  let session: Queryable | undefined;
  let readAt = calledAt.getTime();
  let showCaughtUp: () => void = () => undefined;
  const caughtUp = new Promise<void>((resolve) => (showCaughtUp = resolve));

  async function locate(since: Date | undefined): Promise<{ position: number; readonly end: number }> {
    await bus.ready();
    const position = await locateInLog(bus.pool, since === undefined ? 'end' : { time: since });
    return { position, end: since === undefined ? position : await readHead(bus.pool) };
  }

  function show(event: EventEnvelope): void {
    try {
      options.onEvent(event);
    } catch (error) {
      bus.logger.error({ err: error, eventId: event.id, type: event.type }, 'event tail: onEvent threw');
    }
  }

  /** A log that ends before the place was restored from a backup: what was read since then may be there anew. */
  async function followRestore(): Promise<void> {
    const now = bus.session();
    if (place === undefined || now === session) return;
    if ((await readHead(bus.pool)) < place.position) place = await locate(new Date(readAt - RESTORE_MARGIN_MS));
    session = now;
  }

  async function turn(): Promise<void> {
    place ??= await locate(options.since ?? calledAt);
    await followRestore();
    const head = Math.max(bus.head(), place.end);
    const rows = await readLog(bus.pool, { after: place.position, topics: filter, limit: BATCH_SIZE });
    for (const { seq, envelope } of rows) {
      if (stopped) return;
      place.position = seq;
      show(envelope);
    }
    readAt = Date.now();
    condition.works();
    failures = 0;
    if (rows.length < BATCH_SIZE) place.position = Math.max(place.position, head);
    if (place.position >= place.end) showCaughtUp();
    if (rows.length === 0) await work.sleep(IDLE_MS);
  }

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        await turn();
      } catch (error) {
        failures += 1;
        condition.fails(error);
        await halt.sleep(backoffDelay(failures, RETRY));
      }
    }
    ignore();
  }

  try {
    place = await locate(options.since);
  } catch (error) {
    condition.fails(error);
  }
  const ignore = bus.listen(filter, work.wake);
  const running = run();
  return {
    caughtUp,
    async stop() {
      stopped = true;
      work.wake();
      halt.wake();
      await running;
    },
  };
}

import { backoffDelay } from './backoff.js';
import { createConditionLog } from './condition-log.js';
import type { EventEnvelope } from './envelope.js';
import type { PostgresBus } from './postgres-bus.js';
import { readHead, readLog, readPositionAt } from './postgres-log.js';
import type { EventSubscription } from './transport.js';
import { createWakeUp } from './wake-up.js';

const BATCH_SIZE = 500;
/** The bus wakes a reader; without that it looks by itself. */
const IDLE_MS = 30_000;
const RETRY = { baseMs: 100, capMs: 5_000 };

/**
 * Shows every event of `topics` to this process. Resolves when the place to start at is known, or, when the database
 * does not answer, at once: then everything that is recorded from this moment on (by the clock here) is shown later.
 */
export async function startPostgresTail(
  bus: PostgresBus,
  topics: readonly string[],
  options: { readonly since?: Date | undefined; readonly onEvent: (event: EventEnvelope) => void },
): Promise<EventSubscription> {
  const condition = createConditionLog(bus.logger, `event tail of ${topics.join(', ')}`);
  const work = createWakeUp();
  const halt = createWakeUp();
  const calledAt = new Date();
  let stopped = false;
  let failures = 0;
  let position: number | undefined;

  async function locate(since: Date | undefined): Promise<number> {
    await bus.ready();
    return since === undefined ? readHead(bus.pool) : readPositionAt(bus.pool, since);
  }

  function show(event: EventEnvelope): void {
    try {
      options.onEvent(event);
    } catch (error) {
      bus.logger.error({ err: error, eventId: event.id, type: event.type }, 'event tail: onEvent threw');
    }
  }

  async function turn(): Promise<void> {
    position ??= await locate(options.since ?? calledAt);
    const head = bus.head();
    const rows = await readLog(bus.pool, { after: position, topics, limit: BATCH_SIZE });
    for (const { seq, envelope } of rows) {
      if (stopped) return;
      position = seq;
      show(envelope);
    }
    condition.works();
    failures = 0;
    if (rows.length > 0) return;
    position = Math.max(position, head);
    await work.sleep(IDLE_MS);
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
    position = await locate(options.since);
  } catch (error) {
    condition.fails(error);
  }
  const ignore = bus.listen(topics, work.wake);
  const running = run();
  return {
    async stop() {
      stopped = true;
      work.wake();
      halt.wake();
      await running;
    },
  };
}

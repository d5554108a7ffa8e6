import type { Queryable } from '../../../database/index.js';
import { createConditionLog } from '../../../log/index.js';
import { backoffDelay, createWakeUp } from '../../../pacing/index.js';
import type { LogPosition } from '../log-position.js';
import type { EventSubscription, SubscribeOptions } from '../transport.js';
import type { PostgresBus } from './postgres-bus.js';
import { advanceCursor, claimCursor, createCursor, lockGroup, unlockGroup } from './postgres-cursor.js';
import { readLog } from './postgres-log.js';
import type { LogRow } from './postgres-log.js';
import { locateInLog } from './postgres-position.js';
import { topicFilter } from './postgres-topic-filter.js';

const DEFAULT_BATCH_SIZE = 500;
/** How often a process that is not the reader of its group looks whether it can be. */
const STANDBY_MS = 1_000;
/** The bus wakes a reader; without that it looks by itself. */
const IDLE_MS = 30_000;
const RETRY = { baseMs: 100, capMs: 5_000 };
/** A group on quiet topics writes down that it has passed the others' events, so that they can be pruned. */
const WRITE_DOWN_MS = 10 * 60_000;

/** Being the reader of a group: valid while `session` is the listening connection and `fence` the newest. */
interface Ownership {
  readonly session: Queryable;
  readonly fence: number;
  position: number;
  writtenDown: number;
  writtenDownAt: number;
  /** What comes after `position`, when a reader with much to do has begun to read it before. */
  ahead?: Promise<Page> | undefined;
}

/** Events, and what the head of the log was before they were read: up to there all others are of other topics. */
interface Page {
  readonly head: number;
  readonly rows: readonly LogRow[];
}

/**
 * Reads for a group, as its one reader or waiting to become it. The reader is whoever holds the group's advisory lock,
 * which Postgres takes from a dead process at once and from a stopped one within 15 s; the fence keeps one that wakes
 * up later from moving the cursor.
 */
export async function startPostgresSubscription(
  bus: PostgresBus,
  topics: readonly string[],
  options: SubscribeOptions,
): Promise<EventSubscription> {
  const { group, onBatch, batchSize = DEFAULT_BATCH_SIZE, startAt = 'beginning' } = options;
  const filter = topicFilter(topics);
  const claim = { group, topics, owner: bus.clientId };
  // An end that is asked for while the log does not answer is what is recorded from now on.
  const late: LogPosition = startAt === 'end' ? { time: new Date() } : startAt;
  let isPlaced = startAt === 'beginning';
  const condition = createConditionLog(bus.logger, `event group ${group}`);
  const work = createWakeUp();
  const halt = createWakeUp();
  const ignore = bus.listen(filter, work.wake);
  let stopped = false;
  let failures = 0;
  let owned: Ownership | undefined;

  /** Makes the cursor of a new group, once. */
  async function place(position: LogPosition): Promise<void> {
    await bus.ready();
    if (isPlaced) return;
    await createCursor(bus.pool, { ...claim, seq: await locateInLog(bus.pool, position) });
    isPlaced = true;
  }

  async function own(): Promise<Ownership | undefined> {
    const session = bus.session();
    if (owned !== undefined && owned.session === session) return owned;
    forget();
    if (session === undefined || bus.heldGroups.has(group)) return undefined;
    bus.heldGroups.add(group);
    try {
      await place(late);
      if (!(await lockGroup(session, group))) {
        bus.heldGroups.delete(group);
        return undefined;
      }
      const { seq, fence } = await claimCursor(bus.pool, claim);
      owned = { session, fence, position: seq, writtenDown: seq, writtenDownAt: Date.now() };
      bus.logger.debug({ group, seq, fence }, 'event group is read here');
      return owned;
    } catch (error) {
      await release(session);
      throw error;
    }
  }

  function forget(): void {
    if (owned === undefined) return;
    owned = undefined;
    bus.heldGroups.delete(group);
  }

  async function release(session: Queryable): Promise<void> {
    owned = undefined;
    // When the session is lost, so is the lock.
    if (bus.session() === session) {
      await unlockGroup(session, group).catch((error: unknown) =>
        bus.logger.debug({ err: error, group }, 'group lock was not released'),
      );
    }
    bus.heldGroups.delete(group);
  }

  async function writeDown(ownership: Ownership): Promise<void> {
    const { fence, position: seq } = ownership;
    if (await advanceCursor(bus.pool, { group, fence, seq })) {
      ownership.writtenDown = seq;
      ownership.writtenDownAt = Date.now();
      return;
    }
    bus.logger.warn({ group }, 'another process reads this event group now');
    await release(ownership.session);
  }

  async function read(after: number): Promise<Page> {
    const head = bus.head();
    return { head, rows: await readLog(bus.pool, { after, topics: filter, limit: batchSize }) };
  }

  async function turn(): Promise<void> {
    const ownership = await own();
    if (ownership === undefined) return work.sleep(STANDBY_MS);
    const page = ownership.ahead ?? read(ownership.position);
    ownership.ahead = undefined;
    const { head, rows } = await page;
    const last = rows.at(-1);
    if (last !== undefined) {
      const ahead = rows.length < batchSize ? undefined : read(last.seq);
      // The next turn sees the failure, unless the handler's comes first.
      ahead?.catch(() => undefined);
      await onBatch(rows.map(({ envelope }) => envelope));
      ownership.position = last.seq;
      ownership.ahead = ahead;
      await writeDown(ownership);
    } else {
      ownership.position = Math.max(ownership.position, head);
      const due = ownership.position > ownership.writtenDown && Date.now() - ownership.writtenDownAt > WRITE_DOWN_MS;
      if (due) await writeDown(ownership);
    }
    condition.works();
    failures = 0;
    if (last === undefined) await work.sleep(IDLE_MS);
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
    if (owned !== undefined) await release(owned.session);
  }

  // Otherwise the group begins where its reader finds nothing, which needs no answer of the log.
  if (!isPlaced) await place(startAt).catch(condition.fails);
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

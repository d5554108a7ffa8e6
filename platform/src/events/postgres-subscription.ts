import type { Client } from 'pg';
import { backoffDelay } from './backoff.js';
import { createConditionLog } from './condition-log.js';
import type { PostgresBus } from './postgres-bus.js';
import { advanceCursor, claimCursor, lockGroup, readLog, unlockGroup } from './postgres-log.js';
import type { BatchHandler, EventSubscription } from './transport.js';
import { createWakeUp } from './wake-up.js';

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
  readonly session: Client;
  readonly fence: number;
  position: number;
  writtenDown: number;
  writtenDownAt: number;
}

/**
 * Reads for a group, as its one reader or waiting to become it. The reader is whoever holds the group's advisory lock,
 * which Postgres takes from a dead process at once and from a stopped one within 15 s; the fence keeps one that wakes
 * up later from moving the cursor.
 */
export function startPostgresSubscription(
  bus: PostgresBus,
  topics: readonly string[],
  options: { readonly group: string; readonly batchSize?: number | undefined; readonly onBatch: BatchHandler },
): EventSubscription {
  const { group, onBatch, batchSize = DEFAULT_BATCH_SIZE } = options;
  const condition = createConditionLog(bus.logger, `event group ${group}`);
  const work = createWakeUp();
  const halt = createWakeUp();
  const ignore = bus.listen(topics, work.wake);
  let stopped = false;
  let failures = 0;
  let owned: Ownership | undefined;

  async function own(): Promise<Ownership | undefined> {
    const session = bus.session();
    if (owned !== undefined && owned.session === session) return owned;
    forget();
    if (session === undefined || bus.heldGroups.has(group)) return undefined;
    bus.heldGroups.add(group);
    try {
      await bus.ready();
      if (!(await lockGroup(session, group))) {
        bus.heldGroups.delete(group);
        return undefined;
      }
      const { seq, fence } = await claimCursor(bus.pool, { group, topics, owner: bus.clientId });
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

  async function release(session: Client): Promise<void> {
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

  async function turn(): Promise<void> {
    const ownership = await own();
    if (ownership === undefined) return work.sleep(STANDBY_MS);
    // Read before the events are: whatever is up to here and not among them is of other topics.
    const head = bus.head();
    const rows = await readLog(bus.pool, { after: ownership.position, topics, limit: batchSize });
    const last = rows.at(-1);
    if (last !== undefined) {
      await onBatch(rows.map(({ envelope }) => envelope));
      ownership.position = last.seq;
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

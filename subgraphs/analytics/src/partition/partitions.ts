import { lockKey } from '@orion/platform/database';
import type { DataSource } from 'typeorm';
import { startOfDay, utcDayOf } from './utc-day.js';
import type { UtcDay } from './utc-day.js';

/** Held by whoever changes the set of partitions. */
const PARTITION_LOCK = lockKey('event-partitions');
/** To drop a day needs a moment without readers; who waits for it makes everybody behind it wait. */
const DROP_LOCK_TIMEOUT = '2s';
const NAME = /^events_(\d{4})(\d{2})(\d{2})$/;

/** The days of the events table. */
export interface Partitions {
  /** Makes the days of these moments that are missing. Free of charge for days that this process has seen before. */
  ensure(moments: readonly Date[]): Promise<void>;
  /** Whether a moment lies before the days that are kept. */
  isExpired(moment: Date): boolean;
  /** Drops the days that are no longer kept, and returns their names. Rejects when a reader holds one for long. */
  dropExpired(): Promise<readonly string[]>;
}

/** @param retentionDays days that are kept before today. */
export function createPartitions(
  database: DataSource,
  { retentionDays }: { readonly retentionDays: number },
): Partitions {
  const known = new Set<UtcDay>();
  const firstKept = () => utcDayOf(new Date()) - retentionDays;
  return {
    async ensure(moments) {
      const missing = [...new Set(moments.map(utcDayOf))].filter((day) => !known.has(day));
      if (missing.length === 0) return;
      await createDays(database, missing);
      for (const day of missing) known.add(day);
    },
    isExpired: (moment) => utcDayOf(moment) < firstKept(),
    async dropExpired() {
      const first = firstKept();
      const expired = (await readPartitionNames(database)).filter((name) => {
        const day = dayOfPartition(name);
        return day !== null && day < first;
      });
      for (const name of expired) {
        await database.transaction(async (manager) => {
          await manager.query(`SET LOCAL lock_timeout = '${DROP_LOCK_TIMEOUT}'`);
          await manager.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
          await manager.query(`DROP TABLE IF EXISTS ${name}`);
        });
      }
      for (const day of known) if (day < first) known.delete(day);
      return expired;
    },
  };
}

/**
 * On a connection of its own, not in the transaction that needs the day: a table is made and then attached, which,
 * unlike CREATE TABLE ... PARTITION OF, waits neither for readers nor for writers of the other days, the caller among them.
 */
function createDays(database: DataSource, days: readonly UtcDay[]): Promise<void> {
  return database.transaction(async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
    const existing = new Set(await readPartitionNames(manager));
    for (const day of days.filter((one) => !existing.has(nameOfDay(one)))) {
      const name = nameOfDay(day);
      await manager.query(`CREATE TABLE ${name} (LIKE events INCLUDING ALL)`);
      await manager.query(
        `ALTER TABLE events ATTACH PARTITION ${name}
         FOR VALUES FROM ('${startOfDay(day).toISOString()}') TO ('${startOfDay(day + 1).toISOString()}')`,
      );
    }
  });
}

async function readPartitionNames(database: Pick<DataSource, 'query'>): Promise<readonly string[]> {
  const rows: { readonly name: string }[] = await database.query(
    `SELECT child.relname AS name FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid WHERE inhparent = 'events'::regclass`,
  );
  return rows.map(({ name }) => name);
}

function nameOfDay(day: UtcDay): string {
  return `events_${startOfDay(day).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

function dayOfPartition(name: string): UtcDay | null {
  const [, year, month, day] = NAME.exec(name) ?? [];
  return year === undefined ? null : utcDayOf(new Date(`${year}-${month}-${day}T00:00:00Z`));
}

import pg from 'pg';
import { DataSource } from 'typeorm';
import type { EntitySchema, MixedList } from 'typeorm';
import { lockKey } from './lock-key.js';
import type { Migration } from './migration.js';
import { SnakeNamingStrategy } from './snake-naming-strategy.js';
import { statementCounter } from './statement-count.js';

/** One process at a time migrates a database. */
const MIGRATION_LOCK = lockKey('migrations');

/** A connection that is idle inside a transaction holds back the event horizon for everyone: end it. */
const IDLE_IN_TRANSACTION_MS = 15_000;

export interface DatabaseOptions {
  readonly url: string;
  readonly entities: MixedList<Function | string | EntitySchema>;
  readonly migrations: readonly Migration[];
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Connections at the most; default 10. */
  readonly poolSize?: number;
}

/**
 * Connects and brings the tables up to date. Processes that start together wait for each other on an advisory lock;
 * each migration is one transaction. Rejects when the database does not answer or a migration fails.
 */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: options.url,
    applicationName: options.applicationName,
    poolSize: options.poolSize ?? 10,
    entities: options.entities,
    migrations: [...options.migrations],
    migrationsTransactionMode: 'each',
    namingStrategy: new SnakeNamingStrategy(),
    logging: ['query'],
    logger: statementCounter,
    extra: { idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS },
  });
  await dataSource.initialize();
  try {
    await migrateUnderLock(dataSource, options.url);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
  return dataSource;
}

async function migrateUnderLock(dataSource: DataSource, url: string): Promise<void> {
  const lock = new pg.Client({ connectionString: url });
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    // Ending the session releases the lock, also when a migration failed.
    await lock.end();
  }
}

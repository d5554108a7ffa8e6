import { EVENT_TABLES_V1, EVENT_TABLES_V2 } from '@orion/platform/events';
import { DataSource } from 'typeorm';
import type { BenchPostgres } from './bench-postgres.js';

/** A service's database, with its event tables and the tables of `tables`. */
export interface BenchDatabase {
  readonly url: string;
  readonly dataSource: DataSource;
  close(): Promise<void>;
}

/** Opens a pool on a database that exists, as a service does. */
export function openPool(url: string, connections = 10): Promise<DataSource> {
  return new DataSource({ type: 'postgres', url, poolSize: connections, applicationName: 'bench' }).initialize();
}

/** Creates the database and opens a pool on it. */
export async function openBenchDatabase(
  postgres: BenchPostgres,
  options: { readonly name: string; readonly tables: string; readonly connections?: number },
): Promise<BenchDatabase> {
  const url = await postgres.createDatabase(options.name);
  const dataSource = await openPool(url, options.connections);
  await dataSource.query(`${EVENT_TABLES_V1}; ${EVENT_TABLES_V2}; ${options.tables}`);
  return { url, dataSource, close: () => dataSource.destroy() };
}

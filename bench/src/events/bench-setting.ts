import type { BenchPostgres } from './bench-postgres.js';

/** What measurements are given. */
export interface BenchSetting {
  readonly postgres: BenchPostgres;
  /** How many of each side count. */
  readonly rounds: number;
}

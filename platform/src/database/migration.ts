import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A migration class as TypeORM wants it. */
export type Migration = new () => MigrationInterface;

const NUMBER_DIGITS = 13;

/**
 * A numbered, forward-only migration in plain SQL. The number orders it within its database; TypeORM reads it from the
 * last 13 characters of the name.
 */
export function defineMigration(number: number, name: string, sql: string): Migration {
  return class implements MigrationInterface {
    readonly name = `${name}-${String(number).padStart(NUMBER_DIGITS, '0')}`;

    async up(runner: QueryRunner): Promise<void> {
      await runner.query(sql);
    }

    down(): Promise<void> {
      return Promise.reject(new Error(`${this.name} cannot be undone: migrations only go forward`));
    }
  };
}

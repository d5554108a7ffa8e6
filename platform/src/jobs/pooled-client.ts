import type { ClientBase } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';

/**
 * The connection of the transaction of `manager`. TypeORM cannot prepare statements, and preparing halves the cost of
 * small ones.
 */
export async function clientOf({ queryRunner }: EntityManager): Promise<ClientBase> {
  if (queryRunner === undefined) throw new Error('there is no transaction');
  return (await queryRunner.connect()) as ClientBase;
}

/** Lends a connection of the pool to `work`, outside of a transaction. */
export async function withClient<T>(dataSource: DataSource, work: (client: ClientBase) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    return await work((await runner.connect()) as ClientBase);
  } finally {
    await runner.release();
  }
}

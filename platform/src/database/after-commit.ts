import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

const calls = new WeakMap<QueryRunner, Set<() => void>>();
const watched = new WeakSet<DataSource>();

/**
 * Calls `call` when the transaction of `manager` has committed, and not when it rolls back; once a transaction, however
 * often it is asked for. It must not throw. A rollback to a savepoint does not take it back: call only what is harmless
 * when there was nothing to do.
 */
export function afterCommit({ dataSource, queryRunner }: EntityManager, call: () => void): void {
  if (queryRunner?.isTransactionActive !== true)
    throw new Error('afterCommit needs the EntityManager of a transaction');
  watch(dataSource);
  const waiting = calls.get(queryRunner);
  if (waiting === undefined) calls.set(queryRunner, new Set([call]));
  else waiting.add(call);
}

function watch(dataSource: DataSource): void {
  if (watched.has(dataSource)) return;
  watched.add(dataSource);
  dataSource.subscribers.push({
    afterTransactionCommit({ queryRunner }: { readonly queryRunner: QueryRunner }) {
      // Also called for savepoints, within the transaction.
      if (queryRunner.isTransactionActive) return;
      const waiting = calls.get(queryRunner);
      calls.delete(queryRunner);
      for (const call of waiting ?? []) call();
    },
    afterTransactionRollback({ queryRunner }: { readonly queryRunner: QueryRunner }) {
      if (!queryRunner.isTransactionActive) calls.delete(queryRunner);
    },
  });
}

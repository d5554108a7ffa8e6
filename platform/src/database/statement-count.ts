import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger as TypeormLogger } from 'typeorm';

interface Count {
  statements: number;
}

const scope = new AsyncLocalStorage<Count>();

/** Runs `work` and counts the SQL statements that it causes, in this process. */
export async function countStatements<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly statements: number }> {
  const count: Count = { statements: 0 };
  const result = await scope.run(count, work);
  return { result, statements: count.statements };
}

const ignore = (): void => undefined;

/** TypeORM's logger, used only to count: statements themselves may hold personal data and are not logged. */
export const statementCounter: TypeormLogger = {
  logQuery: () => {
    const count = scope.getStore();
    if (count !== undefined) count.statements += 1;
  },
  logQueryError: ignore,
  logQuerySlow: ignore,
  logSchemaBuild: ignore,
  logMigration: ignore,
  log: ignore,
};

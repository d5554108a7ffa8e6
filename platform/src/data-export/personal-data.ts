import type { EntityManager } from 'typeorm';

/** The newest of more rows than this: a copy for a person, not a backup. */
const MOST_ROWS = 10_000;

/** What of a table belongs to a person, in trusted SQL. */
export interface PersonalTable {
  readonly table: string;
  /** What is read when it is more than the table. */
  readonly from?: string;
  /** Column or expression with the id of the person. */
  readonly owner: string;
  /** What the person gets to see: never a secret or its hash. */
  readonly columns: readonly string[];
  /** Which rows are left out when there are too many: those that come last. */
  readonly orderBy: string;
}

/** The rows of a person by table, under the names of the columns. */
export async function readPersonalData(
  manager: EntityManager,
  userId: string,
  tables: readonly PersonalTable[],
): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const data: Record<string, readonly unknown[]> = {};
  for (const { table, from = table, owner, columns, orderBy } of tables) {
    data[table] = await manager.query<unknown[]>(
      `SELECT ${columns.join(', ')} FROM ${from} WHERE ${owner} = $1 ORDER BY ${orderBy} LIMIT ${MOST_ROWS}`,
      [userId],
    );
  }
  return data;
}

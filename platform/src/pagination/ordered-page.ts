import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { Connection } from './connection.js';
import { toConnection } from './page.js';
import type { PageRequest } from './page.js';

/** A page of one list in an order of its own. Columns and conditions are trusted SQL, never client input. */
export interface OrderedPageOptions {
  readonly request: PageRequest;
  /** A column that is never null. */
  readonly column: string;
  readonly direction: 'ASC' | 'DESC';
  /** Conditions over the alias `t`; `$3` and up are `parameters`. */
  readonly where: readonly string[];
  readonly parameters: readonly unknown[];
}

/**
 * Loads a page in one statement, by keyset: the cursor names a row, and its place in the order is looked up in the
 * same statement, so a page deep in the list costs what the first one costs.
 */
export async function loadOrderedPage<Row extends ObjectLiteral & { readonly id: string }>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  { request, column, direction, where, parameters }: OrderedPageOptions,
): Promise<Connection<Row>> {
  const { tablePath, columns } = manager.connection.getMetadata(entity);
  const beyond = direction === 'ASC' ? '>' : '<';
  const rows: Record<string, unknown>[] = await manager.query(
    `SELECT t.* FROM ${tablePath} t
      WHERE ($1::uuid IS NULL OR (t.${column}, t.id) ${beyond} (SELECT c.${column}, c.id FROM ${tablePath} c WHERE c.id = $1))
        AND ${where.join(' AND ')}
      ORDER BY t.${column} ${direction}, t.id ${direction} LIMIT $2`,
    [request.afterId, request.first + 1, ...parameters],
  );
  return toConnection(
    rows.map((row) => toEntity<Row>(row, columns)),
    request,
  );
}

/** Under the names of the properties, which need not be those of the columns. */
// SQL has no types: the entity's class says what its columns hold.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
function toEntity<Row>(
  row: Readonly<Record<string, unknown>>,
  columns: readonly { readonly databaseName: string; readonly propertyName: string }[],
): Row {
  return Object.fromEntries(columns.map(({ databaseName, propertyName }) => [propertyName, row[databaseName]])) as Row;
}

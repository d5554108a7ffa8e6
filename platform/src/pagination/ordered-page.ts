import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { Connection } from './connection.js';
import { connectionOf } from './page.js';
import type { PageRequest } from './page.js';

/** A page of one list in an order of its own. Columns and conditions are trusted SQL, never client input. */
export interface OrderedPageOptions {
  readonly request: PageRequest;
  /** A column of the entity that is never null. */
  readonly column: string;
  readonly direction: 'ASC' | 'DESC';
  /** Conditions over the alias `t`; `$3` and up are `parameters`. */
  readonly where: readonly string[];
  readonly parameters: readonly unknown[];
  /**
   * SQL of the ids of the rows that a condition of `where` leaves, at most {@link FEW} and one more of them. When they are
   * few they are sorted; otherwise rows are read in the order of the list until enough are found. The planner, which
   * decides such things, does not know how many rows have a word that begins in some way.
   */
  readonly candidates?: string;
}

/** So many rows are sorted at once. */
export const FEW = 2_000;

const PLACE = '__place';

/**
 * Loads a page in one statement, by keyset: the cursor says after what the page starts, so a page deep in the list costs
 * what the first one costs, and a row that has gone meanwhile is missed by nobody.
 */
export async function loadOrderedPage<Row extends ObjectLiteral & { readonly id: string }>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  options: OrderedPageOptions,
): Promise<Connection<Row>> {
  const { request, column, direction, where, parameters, candidates } = options;
  const { tablePath, columns } = manager.connection.getMetadata(entity);
  const type = columns.find(({ databaseName }) => databaseName === column)?.type;
  if (typeof type !== 'string') throw new Error(`${tablePath} has no column ${column} with a type of Postgres`);
  const runs = (direction === 'ASC') === request.isBackward ? 'DESC' : 'ASC';
  const isFirst = request.afterId === null;
  const place = isFirst
    ? '$1::uuid IS NULL'
    : `(t.${column}, t.id) ${runs === 'ASC' ? '>' : '<'} ($${parameters.length + 3}::${type}, $1::uuid)`;
  const order = `ORDER BY t.${column} ${runs}, t.id ${runs} LIMIT $2`;
  const select = (...more: readonly string[]): string =>
    `SELECT t.*, t.${column}::text AS "${PLACE}" FROM ${tablePath} t
      WHERE ${[place, ...where, ...more].join(' AND ')} ${order}`;
  const rows: Record<string, unknown>[] = await manager.query(
    candidates === undefined
      ? select()
      : `WITH candidate (id) AS MATERIALIZED (${candidates}),
              size AS MATERIALIZED (SELECT count(*) <= ${FEW} AS is_few FROM candidate)
         SELECT t.* FROM (
           (${select('(SELECT is_few FROM size)', 't.id IN (SELECT id FROM candidate)')}) UNION ALL
           (${select('NOT (SELECT is_few FROM size)')})
         ) t ${order}`,
    [request.afterId, request.first + 1, ...parameters, ...(isFirst ? [] : [request.afterValue])],
  );
  return connectionOf(
    rows.map((row) => {
      const node = toEntity<Row>(row, columns);
      return { node, position: { id: node.id, value: row[PLACE] as string } };
    }),
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

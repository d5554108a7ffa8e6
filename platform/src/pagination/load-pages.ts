import type { EntityTarget, EntityManager, ObjectLiteral } from 'typeorm';
import { camelCaseKeys } from '../database/index.js';
import { toConnection } from './page.js';
import type { Connection } from './connection.js';
import type { PageRequest } from './page.js';

/** One owner's page, for instance the sessions of a user. */
export interface OwnedPageRequest extends PageRequest {
  readonly ownerId: string;
}

/**
 * Loads a page for each of many owners in ONE statement (a lateral join), newest first. The rows come back in the
 * order of `requests`. `where` is trusted SQL over the alias `t`, never client input.
 */
export async function loadPages<Row extends ObjectLiteral & { readonly id: string }>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  {
    ownerColumn,
    requests,
    where = 'true',
  }: { readonly ownerColumn: string; readonly requests: readonly OwnedPageRequest[]; readonly where?: string },
): Promise<readonly Connection<Row>[]> {
  const { tablePath } = manager.connection.getMetadata(entity);
  const rows: Record<string, unknown>[] = await manager.query(
    `SELECT request.ordinal, item.*
       FROM unnest($1::uuid[], $2::int[], $3::uuid[]) WITH ORDINALITY AS request (owner_id, first, after_id, ordinal)
      CROSS JOIN LATERAL (
        SELECT t.* FROM ${tablePath} t
         WHERE t.${ownerColumn} = request.owner_id AND (request.after_id IS NULL OR t.id < request.after_id) AND (${where})
         ORDER BY t.id DESC LIMIT request.first + 1
      ) AS item
      ORDER BY request.ordinal, item.id DESC`,
    [
      requests.map((request) => request.ownerId),
      requests.map((request) => request.first),
      requests.map((request) => request.afterId),
    ],
  );
  const pages: Row[][] = requests.map(() => []);
  for (const { ordinal, ...row } of rows) pages[Number(ordinal) - 1]?.push(camelCaseKeys<Row>(row));
  return requests.map((request, index) => toConnection(pages[index] ?? [], request));
}

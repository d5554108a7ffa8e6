import { camelCaseKeys } from '@orion/platform/database';
import { toConnection } from '@orion/platform/pagination';
import type { Connection, OwnedPageRequest } from '@orion/platform/pagination';
import type { EntityManager } from 'typeorm';
import type { Notification } from './notification.entity.js';

/** A page of one person's inbox or archive. */
export interface NotificationPageRequest extends OwnedPageRequest {
  readonly unreadOnly: boolean;
  readonly archived: boolean;
  /** Null for all. */
  readonly types: readonly string[] | null;
}

/**
 * Pages for many people at once, newest first: one statement for each list that is asked for, at most four. Each list
 * has a partial index of its own, which a condition on a parameter could not use.
 */
export async function loadNotificationPages(
  manager: EntityManager,
  requests: readonly NotificationPageRequest[],
): Promise<readonly Connection<Notification>[]> {
  const lists = [...new Set(requests.map(listOf))];
  const pages = new Map<NotificationPageRequest, Connection<Notification>>();
  await Promise.all(
    lists.map(async (list) => {
      const ofList = requests.filter((request) => listOf(request) === list);
      const rows = await loadList(manager, list, ofList);
      for (const [index, request] of ofList.entries()) pages.set(request, toConnection(rows[index] ?? [], request));
    }),
  );
  return requests.map((request) => pages.get(request) ?? toConnection([], request));
}

function listOf({ unreadOnly, archived }: NotificationPageRequest): string {
  const place = archived ? 't.archived_at IS NOT NULL' : 't.archived_at IS NULL';
  return unreadOnly ? `${place} AND t.read_at IS NULL` : place;
}

async function loadList(
  manager: EntityManager,
  list: string,
  requests: readonly NotificationPageRequest[],
): Promise<readonly Notification[][]> {
  const rows: (Record<string, unknown> & { readonly ordinal: number })[] = await manager.query(
    `SELECT request.ordinal, item.*
       FROM jsonb_to_recordset($1::jsonb)
            AS request (ordinal int, "ownerId" uuid, first int, "afterId" uuid, types jsonb)
      CROSS JOIN LATERAL (
        SELECT t.* FROM notifications t
         WHERE t.recipient_id = request."ownerId" AND t.channel = 'IN_APP' AND ${list}
           AND (request."afterId" IS NULL OR t.id < request."afterId")
           AND (request.types IS NULL OR request.types ? t.type)
         ORDER BY t.id DESC LIMIT request.first + 1
      ) AS item
      ORDER BY request.ordinal, item.id DESC`,
    [JSON.stringify(requests.map((request, ordinal) => ({ ...request, ordinal })))],
  );
  const pages: Notification[][] = requests.map(() => []);
  for (const { ordinal, ...row } of rows) pages[ordinal]?.push(camelCaseKeys<Notification>(row));
  return pages;
}

import { camelCaseKeys } from '@orion/platform/database';
import type { EntityManager } from 'typeorm';
import { toCounts } from '../inbox/inbox.service.js';
import type { NotificationCounts } from '../inbox/inbox.types.js';
import type { Notification } from '../notification/notification.entity.js';
import type { NotificationReceived } from './live.types.js';

/** Notifications of one inbox that are loaded at once. */
export const CHANGES_AT_ONCE = 100;

/** What to load: what came into an inbox after a state of it. */
export interface ChangesRequest {
  readonly userId: string;
  /** Null when none is known: then what came with `first` and later. */
  readonly after: number | null;
  /** A notification of this inbox; null for none, which with `after` null means no notifications at all. */
  readonly firstId: string | null;
}

/** What came into an inbox, in order, and its counts, all of one moment. */
export interface InboxChanges {
  readonly userId: string;
  readonly counts: NotificationCounts;
  readonly received: readonly NotificationReceived[];
}

interface Row extends Record<string, unknown> {
  readonly inbox_user: string;
  readonly inbox_rev: string;
  readonly unseen: number;
  readonly unread: number;
  readonly total: number;
  readonly id: string | null;
  readonly rev: string;
}

/** Loads the changes of many inboxes in one statement. Inboxes that do not exist are left out. */
export async function loadInboxChanges(
  manager: EntityManager,
  requests: readonly ChangesRequest[],
): Promise<InboxChanges[]> {
  const rows: Row[] = await manager.query(
    `SELECT inboxes.user_id AS inbox_user, inboxes.rev AS inbox_rev, unseen, unread, total, item.*
       FROM unnest($1::uuid[], $2::bigint[], $3::uuid[]) AS request (user_id, after, first_id)
       JOIN inboxes ON inboxes.user_id = request.user_id
       LEFT JOIN LATERAL (
         SELECT n.* FROM notifications n
          WHERE n.recipient_id = request.user_id AND n.channel = 'IN_APP'
            AND n.rev > coalesce(request.after, (SELECT first.rev - 1 FROM notifications first WHERE first.id = request.first_id))
          ORDER BY n.rev LIMIT ${CHANGES_AT_ONCE}
       ) AS item ON true
      ORDER BY item.rev`,
    [requests.map(({ userId }) => userId), requests.map(({ after }) => after), requests.map(({ firstId }) => firstId)],
  );
  const changes = new Map<string, { counts: NotificationCounts; received: NotificationReceived[] }>();
  for (const { inbox_user, inbox_rev, unseen, unread, total, ...item } of rows) {
    const counts = toCounts({ unseen, unread, total, rev: inbox_rev });
    const change = changes.get(inbox_user) ?? { counts, received: [] };
    changes.set(inbox_user, change);
    if (item.id !== null) {
      change.received.push({ notification: camelCaseKeys<Notification>(item), counts, rev: Number(item.rev) });
    }
  }
  return [...changes].map(([userId, change]) => ({ userId, ...change }));
}

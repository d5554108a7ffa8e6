/** What a recipient can do with a notification in their inbox. */
export type InboxChange = 'seen' | 'read' | 'archived';

/** For each change: which rows it still concerns, what it sets, and what the counters lose by it. Reading includes seeing. */
const CHANGES: Readonly<
  Record<InboxChange, { readonly missing: string; readonly set: string; readonly uncounted: string }>
> = {
  seen: {
    missing: 'seen_at IS NULL',
    set: `seen_at = now(), status = 'DELIVERED'`,
    uncounted: 'unseen = inboxes.unseen - counted.unseen',
  },
  read: {
    missing: 'read_at IS NULL',
    set: `read_at = now(), seen_at = coalesce(seen_at, now()), status = 'DELIVERED'`,
    uncounted: 'unseen = inboxes.unseen - counted.unseen, unread = inboxes.unread - counted.unread',
  },
  archived: {
    missing: 'true',
    set: 'archived_at = now()',
    uncounted: `unseen = inboxes.unseen - counted.unseen, unread = inboxes.unread - counted.unread,
                total = inboxes.total - counted.changed`,
  },
};

/**
 * Whoever changes an inbox holds its row from before they look until they commit. So what {@link changeStatement} and
 * the delivery of new notifications see is what there is, the states that `rev` numbers follow one another without a
 * gap, and since the inbox is everybody's first lock, no two of them wait for each other.
 *
 * It has to be a statement of its own: the statement that changes must not begin to look before it has the lock.
 */
export const LOCK_INBOX = 'SELECT FROM inboxes WHERE user_id = $1 FOR UPDATE';

/** A notification that changed. */
export interface ChangedNotification {
  readonly id: string;
  readonly type: string;
  /** Whether this was the first that the recipient's client let hear of it. */
  readonly isFirstSign: boolean;
}

/** The one row that {@link changeStatement} returns; none for somebody who was never notified. */
export interface InboxChangeRow {
  readonly changed: readonly ChangedNotification[];
  readonly unseen: number;
  readonly unread: number;
  readonly total: number;
  readonly rev: string;
}

/** Changes rows and counters together. $1 is the owner, $2 the ids or null for all that are in the inbox. */
export function changeStatement(change: InboxChange): string {
  const { missing, set, uncounted } = CHANGES[change];
  return `
    WITH target AS MATERIALIZED (
      SELECT id, type, status, seen_at IS NULL AS unseen, read_at IS NULL AS unread
        FROM notifications
       WHERE recipient_id = $1 AND channel = 'IN_APP' AND archived_at IS NULL AND ${missing}
         AND ($2::uuid[] IS NULL OR id = ANY ($2::uuid[]))
    ), marked AS (
      UPDATE notifications SET ${set} FROM target WHERE notifications.id = target.id
    ), counted AS (
      SELECT count(*) AS changed, count(*) FILTER (WHERE unseen) AS unseen, count(*) FILTER (WHERE unread) AS unread FROM target
    ), inbox AS (
      UPDATE inboxes SET rev = inboxes.rev + 1, ${uncounted}
        FROM counted WHERE user_id = $1 AND counted.changed > 0
      RETURNING inboxes.*
    )
    SELECT current.unseen, current.unread, current.total, current.rev,
           coalesce((
             SELECT jsonb_agg(jsonb_build_object(
                      'id', id, 'type', type, 'isFirstSign', status = 'SENT' AND ${change === 'archived' ? 'false' : 'true'}
                    ) ORDER BY id)
               FROM target
           ), '[]') AS changed
      FROM (SELECT * FROM inbox
             UNION ALL
            SELECT * FROM inboxes WHERE user_id = $1 AND NOT EXISTS (SELECT FROM inbox)) AS current`;
}

/** What a recipient can do with a notification in their inbox. */
export type InboxChange = 'seen' | 'read' | 'archived';

/** For each change: which rows it still concerns, and what it sets. Reading includes seeing. */
const CHANGES: Readonly<Record<InboxChange, { readonly missing: string; readonly set: string; readonly uncounted: string }>> = {
  seen: {
    missing: 'seen_at IS NULL',
    set: 'seen_at = now()',
    uncounted: 'unseen = inboxes.unseen - counted.unseen',
  },
  read: {
    missing: 'read_at IS NULL',
    set: 'read_at = now(), seen_at = coalesce(seen_at, now())',
    uncounted: 'unseen = inboxes.unseen - counted.unseen, unread = inboxes.unread - counted.unread',
  },
  archived: {
    missing: 'true',
    set: 'archived_at = now()',
    uncounted: 'unseen = inboxes.unseen - counted.unseen, unread = inboxes.unread - counted.unread, total = inboxes.total - counted.changed',
  },
};

/**
 * One statement that changes rows and counters together. $1 is the owner, $2 the ids or null for all; it returns the
 * rows that changed.
 *
 * Each row is locked, and after a wait its conditions are checked again on what it is by then, before anything is
 * counted: of two marks of the same row at the same time one changes it and the other does not see it. Rows are locked
 * in the order of their ids and the inbox after them, by everybody, so that no two of these statements wait for each
 * other. The row of the inbox stays locked until the commit, hence the states that `rev` numbers follow one another
 * without a gap.
 */
export function changeStatement(change: InboxChange): string {
  const { missing, set, uncounted } = CHANGES[change];
  const delivers = change !== 'archived';
  return `
    WITH target AS MATERIALIZED (
      SELECT id, type, status, seen_at IS NULL AS unseen, read_at IS NULL AS unread
        FROM notifications
       WHERE recipient_id = $1 AND channel = 'IN_APP' AND archived_at IS NULL AND ${missing}
         AND ($2::uuid[] IS NULL OR id = ANY ($2::uuid[]))
       ORDER BY id
         FOR UPDATE
    ), marked AS (
      UPDATE notifications SET ${set}${delivers ? `, status = 'DELIVERED'` : ''}
        FROM target WHERE notifications.id = target.id
    ), counted AS (
      SELECT count(*)::int AS changed,
             count(*) FILTER (WHERE unseen)::int AS unseen,
             count(*) FILTER (WHERE unread)::int AS unread
        FROM target
    ), inbox AS (
      UPDATE inboxes SET rev = inboxes.rev + 1, ${uncounted}
        FROM counted WHERE user_id = $1 AND counted.changed > 0
    )
    SELECT id, type, ${delivers ? `status <> 'DELIVERED'` : 'false'} AS first_sign FROM target ORDER BY id`;
}

import { camelCaseKeys } from '@orion/platform/database';
import { notificationSent } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import type { EntityManager } from 'typeorm';
import { draftRow, draftSource } from '../notification/notification-draft.js';
import type { NotificationDraft } from '../notification/notification-draft.js';
import type { Notification } from '../notification/notification.entity.js';

/**
 * One statement makes the rows and counts them. The row of each inbox is locked from here to the commit, so a
 * notification gets its `rev` in the order in which the transactions commit: who has read up to one has missed nothing
 * before it. Inboxes are locked in the order of their users, so that two such statements cannot wait for each other.
 */
const INSERT = `
  WITH draft AS MATERIALIZED (
    SELECT draft.*, row_number() OVER (PARTITION BY recipient_id ORDER BY ordinal) AS place FROM ${draftSource()}
  ), size AS (
    SELECT recipient_id, count(*) AS drafts FROM draft GROUP BY recipient_id ORDER BY recipient_id
  ), inbox AS (
    INSERT INTO inboxes (user_id, rev, unseen, unread, total)
    SELECT recipient_id, drafts, drafts, drafts, drafts FROM size ORDER BY recipient_id
    ON CONFLICT (user_id) DO UPDATE
      SET rev = inboxes.rev + excluded.rev, unseen = inboxes.unseen + excluded.unseen,
          unread = inboxes.unread + excluded.unread, total = inboxes.total + excluded.total
    RETURNING user_id, rev
  )
  INSERT INTO notifications (id, recipient_id, actor_id, type, channel, title, body, data, priority, status, event_id, rev)
  SELECT id, draft.recipient_id, actor_id, type, channel, title, body, data, priority, 'SENT', event_id,
         inbox.rev - size.drafts + draft.place
    FROM draft JOIN inbox ON inbox.user_id = draft.recipient_id JOIN size ON size.recipient_id = draft.recipient_id
   ORDER BY ordinal
  RETURNING *`;

/** Puts notifications into inboxes and announces them, in the caller's transaction. Returns those that are new. */
export async function putIntoInboxes(
  manager: EntityManager,
  drafts: readonly NotificationDraft[],
): Promise<Notification[]> {
  if (drafts.length === 0) return [];
  const rows: Record<string, unknown>[] = await manager.query(INSERT, [JSON.stringify(drafts.map(draftRow))]);
  const made = rows.map((row) => camelCaseKeys<Notification>(row));
  await publish(
    manager,
    made.map(({ id, recipientId, type, channel }) =>
      notificationSent.of({ notificationId: id, recipientId, notificationType: type, channel }),
    ),
  );
  return made;
}

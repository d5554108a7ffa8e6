import type { NotificationChannel, NotificationPriority } from './notification.entity.js';

/** A notification to make, checked. */
export interface NotificationDraft {
  /** UUIDv7, made by the caller so that it can be named before the row exists. */
  readonly id: string;
  readonly recipientId: string;
  /** Null for the system. */
  readonly actorId: string | null;
  readonly type: string;
  readonly channel: NotificationChannel;
  readonly title: string;
  readonly body: string;
  readonly data: unknown;
  readonly priority: NotificationPriority;
  /** Event that causes it: of one type, recipient and channel there is one an event. Null when none does. */
  readonly eventId: string | null;
}

/**
 * Drafts as a row source for SQL, called `draft`; $1 is a JSON array of {@link draftRow}, `columns` are what a row has
 * besides. Left out is what the same event made before. When that happens at this very moment in another transaction,
 * the unique index refuses the second one, which finds the first when it is tried again.
 */
export function draftSource(columns = ''): string {
  return `
    jsonb_to_recordset($1::jsonb) AS draft (
      id uuid, recipient_id uuid, actor_id uuid, type text, channel text, title text, body text, data jsonb,
      priority text, event_id uuid, ordinal int ${columns})
    WHERE draft.event_id IS NULL OR NOT EXISTS (
      SELECT 1 FROM notifications made
       WHERE made.event_id = draft.event_id AND made.type = draft.type
         AND made.recipient_id = draft.recipient_id AND made.channel = draft.channel)`;
}

/** One row of {@link draftSource}; rows are made in the order of `ordinal`. */
export function draftRow(draft: NotificationDraft, ordinal: number): Readonly<Record<string, unknown>> {
  const { recipientId, actorId, eventId, ...same } = draft;
  return { ...same, recipient_id: recipientId, actor_id: actorId, event_id: eventId, ordinal };
}

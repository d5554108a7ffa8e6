import type { PersonalTable } from '@orion/platform/data-export';

/** What a person gets of the tables of this service. */
export const PERSONAL_TABLES: readonly PersonalTable[] = [
  {
    table: 'recipients',
    owner: 'user_id',
    columns: ['user_id', 'email', 'display_name', 'locale'],
    orderBy: 'user_id',
  },
  {
    table: 'notifications',
    owner: 'recipient_id',
    columns: [
      'id',
      'type',
      'channel',
      'title',
      'body',
      'data',
      'priority',
      'status',
      'created_at',
      'seen_at',
      'read_at',
      'archived_at',
    ],
    orderBy: 'id DESC',
  },
  {
    table: 'mails',
    from: 'mails JOIN notifications ON notifications.id = mails.id',
    owner: 'notifications.recipient_id',
    columns: ['mails.id', 'mails.recipient', 'mails.subject', 'mails.status', 'mails.attempts', 'mails.created_at'],
    orderBy: 'mails.id DESC',
  },
];

/** Tables with an id of a person of which a person gets nothing, and why. */
export const NOT_EXPORTED: Readonly<Record<string, string>> = {
  inboxes: 'counts of the notifications that are exported',
  sends: 'idempotency keys of what was sent to others; they are forgotten after 30 days',
};

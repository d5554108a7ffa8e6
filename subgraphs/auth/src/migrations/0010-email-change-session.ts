import { defineMigration } from '@orion/platform/database';

export const emailChangeSession = defineMigration(
  10,
  'email-change-session',
  `
  -- In which the change was asked for: it goes on when all others end. Null for one that was asked for before.
  ALTER TABLE email_changes ADD COLUMN session_id uuid;
  `,
);

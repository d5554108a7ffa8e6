import { defineMigration } from '@orion/platform/database';

export const mailJobs = defineMigration(
  8,
  'mail-jobs',
  `
  -- A mail that waits is a job: what is due, and who sends it, is for the table of jobs to know.
  INSERT INTO jobs (id, name, priority, run_at, data)
  SELECT gen_random_uuid(), 'mail.deliver', lane, next_at, json_build_object('mailId', id) FROM mails WHERE status = 'QUEUED';
  DROP INDEX mails_due;
  ALTER TABLE mails DROP COLUMN lane, DROP COLUMN next_at;
  `,
);

import { defineMigration } from '@orion/platform/database';

export const mails = defineMigration(
  3,
  'mails',
  `
  CREATE TABLE mails (
    -- The notification that it carries.
    id uuid PRIMARY KEY REFERENCES notifications ON DELETE CASCADE,
    recipient text NOT NULL,
    subject text NOT NULL,
    -- Text and HTML, sealed because they may hold a one-time token; gone when the mail is sent.
    body_sealed text,
    status text NOT NULL CHECK (status IN ('QUEUED', 'SENT', 'FAILED', 'CAPTURED')),
    -- Lower goes first.
    lane smallint NOT NULL,
    attempts int NOT NULL DEFAULT 0,
    -- When it is due. While somebody sends it: when their lease ends and it is due for others.
    next_at timestamptz NOT NULL DEFAULT now(),
    message_id text,
    error text,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX mails_due ON mails (lane, next_at) WHERE status = 'QUEUED';
  CREATE INDEX mails_captured ON mails (id DESC) WHERE status = 'CAPTURED';

  CREATE TABLE delivery_attempts (
    mail_id uuid NOT NULL REFERENCES mails ON DELETE CASCADE,
    number int NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    outcome text CHECK (outcome IN ('SENT', 'RETRY', 'FAILED')),
    error text,
    PRIMARY KEY (mail_id, number)
  );
  `,
);

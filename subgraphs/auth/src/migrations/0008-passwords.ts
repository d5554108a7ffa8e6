import { defineMigration } from '@orion/platform/database';

export const passwords = defineMigration(
  8,
  'passwords',
  `
  -- A copy, for the rule that a password is not made of the name, and for mails. Owned by the user subgraph.
  ALTER TABLE credentials ADD COLUMN display_name text;

  -- Who asked to set their password anew. The token is in the mail; its hash is here.
  CREATE TABLE password_resets (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES credentials ON DELETE CASCADE,
    hash bytea NOT NULL UNIQUE,
    requested_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    consumed_at timestamptz,
    -- Of whoever asked; null when an administrator did.
    ip text
  );
  -- The newest counts: there is no other that could still be used.
  CREATE UNIQUE INDEX password_resets_open ON password_resets (user_id) WHERE consumed_at IS NULL;

  -- Who asked for another address, and which: it is theirs when the token from the mail to it comes back.
  CREATE TABLE email_changes (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES credentials ON DELETE CASCADE,
    hash bytea NOT NULL UNIQUE,
    email text NOT NULL,
    email_canonical text NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    consumed_at timestamptz,
    ip text
  );
  CREATE UNIQUE INDEX email_changes_open ON email_changes (user_id) WHERE consumed_at IS NULL;
  `,
);

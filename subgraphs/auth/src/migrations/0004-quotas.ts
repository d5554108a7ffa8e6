import { defineMigration } from '@orion/platform/database';

export const quotas = defineMigration(
  4,
  'quotas',
  `
  -- What an address has used up of what it may do so many times in a window of time. Kept for every address alike,
  -- whether or not it has an account, so that no count tells which of them have one.
  CREATE TABLE quotas (
    purpose text NOT NULL,
    -- SHA-256: most of them are of people who have no account here.
    address_hash bytea NOT NULL,
    since timestamptz NOT NULL,
    spent int NOT NULL,
    -- Taken, and not decided yet.
    reserved int NOT NULL,
    PRIMARY KEY (purpose, address_hash),
    CHECK (spent >= 0 AND reserved >= 0)
  );
  CREATE INDEX quotas_since ON quotas (since);
  ALTER TABLE accounts DROP COLUMN failed_attempts, DROP COLUMN attempts_since;
  -- For the clean-up of devices, and for what is deleted with them.
  CREATE INDEX sessions_of_device ON sessions (device_id);
  `,
);

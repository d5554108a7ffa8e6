import { defineMigration } from '@orion/platform/database';

export const secondFactors = defineMigration(
  11,
  'second-factors',
  `
  CREATE TABLE two_factor_auth (
    user_id uuid NOT NULL REFERENCES credentials ON DELETE CASCADE,
    method text NOT NULL CHECK (method = 'TOTP'),
    -- Null until a code has confirmed it.
    secret_sealed text,
    -- Of an enrolment that waits for its first code. What is confirmed goes on until then.
    pending_secret_sealed text,
    pending_expires_at timestamptz,
    confirmed_at timestamptz,
    -- The time step of the newest code that was taken: no code of it or of an earlier one is taken again.
    last_step bigint NOT NULL DEFAULT 0,
    -- Wrong codes since the last right one, over all challenges and kinds of codes.
    failed_count int NOT NULL DEFAULT 0,
    locked_until timestamptz,
    PRIMARY KEY (user_id, method),
    CHECK ((secret_sealed IS NULL) = (confirmed_at IS NULL)),
    CHECK ((pending_secret_sealed IS NULL) = (pending_expires_at IS NULL))
  );
  CREATE TABLE backup_codes (
    user_id uuid NOT NULL REFERENCES credentials ON DELETE CASCADE,
    -- HMAC with a key that is not in the database.
    hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz,
    PRIMARY KEY (user_id, hash)
  );
  CREATE TABLE mfa_challenges (
    hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES credentials ON DELETE CASCADE,
    purpose text NOT NULL,
    -- What was proved before.
    methods text[] NOT NULL,
    -- The secret of the device that asked, sealed, so that it is known again when the challenge is met.
    device_token_sealed text,
    -- The password that was proved is of then: with another one the challenge is worth nothing.
    password_changed_at timestamptz,
    attempts int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    consumed_at timestamptz
  );
  CREATE INDEX mfa_challenges_of_user ON mfa_challenges (user_id);
  CREATE INDEX mfa_challenges_expires ON mfa_challenges (expires_at);
  `,
);

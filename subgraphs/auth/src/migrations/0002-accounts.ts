import { defineMigration } from '@orion/platform/database';

export const accounts = defineMigration(
  2,
  'accounts',
  `
  CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    email_canonical text NOT NULL UNIQUE,
    email_verified_at timestamptz,
    password_hash text NOT NULL,
    failed_attempts int NOT NULL DEFAULT 0,
    attempts_since timestamptz NOT NULL DEFAULT now(),
    permissions text[] NOT NULL DEFAULT '{}',
    permissions_version int NOT NULL DEFAULT 0,
    last_login_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  -- One table for every secret that works once; the purpose is part of the key, so that a token can never be used for
  -- something it was not made for.
  CREATE TABLE one_time_tokens (
    hash bytea NOT NULL,
    purpose text NOT NULL,
    user_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    consumed_at timestamptz,
    PRIMARY KEY (purpose, hash)
  );
  CREATE INDEX one_time_tokens_of_user ON one_time_tokens (user_id, purpose);
  CREATE TABLE signing_keys (
    id text PRIMARY KEY,
    public_jwk jsonb NOT NULL,
    private_sealed text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  `,
);

import { defineMigration } from '@orion/platform/database';

export const passkeys = defineMigration(
  13,
  'passkeys',
  `
  CREATE TABLE passkeys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES credentials ON DELETE CASCADE,
    -- What the authenticator calls it.
    credential_id bytea NOT NULL UNIQUE,
    -- COSE_Key (RFC 9052).
    public_key bytea NOT NULL,
    -- How often it signed, as it says; 0 for those that do not count.
    counter bigint NOT NULL,
    transports text[] NOT NULL,
    name text NOT NULL,
    -- Whether it is copied between the devices of its owner.
    backed_up boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz
  );
  CREATE INDEX passkeys_of_user ON passkeys (user_id, id);
  CREATE TABLE passkey_challenges (
    hash bytea NOT NULL,
    purpose text NOT NULL,
    -- Both null for a login: nobody is known yet.
    user_id uuid REFERENCES credentials ON DELETE CASCADE,
    session_id uuid,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (purpose, hash)
  );
  CREATE INDEX passkey_challenges_of_user ON passkey_challenges (user_id);
  CREATE INDEX passkey_challenges_expires ON passkey_challenges (expires_at);
  -- At most one a user, the newest.
  CREATE TABLE login_codes (
    user_id uuid PRIMARY KEY REFERENCES credentials ON DELETE CASCADE,
    -- HMAC with a key that is not in the database: there are few codes to try.
    hash bytea NOT NULL,
    attempts int NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
  );
  CREATE INDEX login_codes_expires ON login_codes (expires_at);
  `,
);

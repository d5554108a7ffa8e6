import { defineMigration } from '@orion/platform/database';

export const apiKeys = defineMigration(
  9,
  'api-keys',
  `
  -- SERVICE: a program under a name of its own, without credentials: it has nothing but API keys.
  ALTER TABLE users ADD COLUMN kind text NOT NULL DEFAULT 'PERSON' CHECK (kind IN ('PERSON', 'SERVICE'));
  CREATE INDEX users_of_services ON users (id) WHERE kind = 'SERVICE';

  CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    -- The part of the key that is shown, to find it by and to tell it from others.
    prefix text NOT NULL UNIQUE,
    -- SHA-256 of the whole key, which is nowhere: 256 random bits need no slow hash.
    hash bytea NOT NULL CHECK (length(hash) = 32),
    scopes text[] NOT NULL,
    -- Addresses and ranges from which it may be used; from anywhere when empty.
    allowed_ips text[] NOT NULL,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- No reference: a key of a service account outlives whoever made it.
    created_by uuid NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_reason text
  );
  CREATE INDEX api_keys_of_user ON api_keys (user_id, id);
  `,
);

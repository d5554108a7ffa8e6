import { defineMigration } from '@orion/platform/database';

export const tokenFamilies = defineMigration(
  14,
  'token-families',
  `
  -- When it ends because nobody used it.
  ALTER TABLE sessions ADD COLUMN idle_expires_at timestamptz;
  UPDATE sessions SET idle_expires_at = coalesce(
    (SELECT max(t.expires_at) FROM auth_tokens t WHERE t.session_id = sessions.id), expires_at);
  ALTER TABLE sessions ALTER COLUMN idle_expires_at SET NOT NULL;

  ALTER TABLE auth_tokens
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN user_id uuid,
    -- All tokens that came from one sign-in: what is found out about one concerns all.
    ADD COLUMN family_id uuid,
    ADD COLUMN parent_id uuid,
    ADD COLUMN generation int NOT NULL DEFAULT 0,
    ADD COLUMN absolute_expires_at timestamptz,
    ADD COLUMN revoked_at timestamptz,
    ADD COLUMN reason text,
    ADD COLUMN device_id uuid,
    -- Of the client that it was given to.
    ADD COLUMN ip text,
    ADD COLUMN user_agent text,
    -- Of the client that used it up: nobody else may ask for the answer again.
    ADD COLUMN consumed_user_agent text;
  UPDATE auth_tokens t SET user_id = s.user_id, family_id = s.id, absolute_expires_at = s.expires_at,
         device_id = s.device_id, ip = s.ip, user_agent = s.user_agent, consumed_user_agent = s.user_agent,
         revoked_at = s.revoked_at, reason = s.revoked_reason
    FROM sessions s WHERE s.id = t.session_id;
  UPDATE auth_tokens t SET parent_id = parent.id FROM auth_tokens parent WHERE parent.child_hash = t.hash;
  UPDATE auth_tokens t SET generation = place.n - 1
    FROM (SELECT id, row_number() OVER (PARTITION BY session_id ORDER BY issued_at, id) AS n FROM auth_tokens) place
   WHERE place.id = t.id;
  ALTER TABLE auth_tokens
    ALTER COLUMN id DROP DEFAULT,
    ALTER COLUMN user_id SET NOT NULL,
    ALTER COLUMN family_id SET NOT NULL,
    ALTER COLUMN absolute_expires_at SET NOT NULL,
    ALTER COLUMN device_id SET NOT NULL,
    DROP CONSTRAINT refresh_tokens_pkey,
    ADD PRIMARY KEY (id),
    ADD UNIQUE (hash);

  -- Sessions, and tokens that outlive nothing, that must not be believed any more although they are signed and not
  -- expired. A row is of no use when the last access token that it concerns is over.
  CREATE TABLE session_blacklist (
    -- Id of a session, or jti of an access token.
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    reason text NOT NULL,
    revoked_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
  );
  CREATE INDEX session_blacklist_expires ON session_blacklist (expires_at);
  `,
);

import { defineMigration } from '@orion/platform/database';

export const operators = defineMigration(
  16,
  'operators',
  `
  ALTER TABLE credentials
    -- Of the highest role, as the user subgraph announced it: nobody acts on somebody of their own level or above.
    ADD COLUMN level int NOT NULL DEFAULT 0,
    -- Two locks: an operator's, and that of a person whom the user subgraph suspended. Either one disables.
    ADD COLUMN locked_by_operator_at timestamptz,
    ADD COLUMN suspended_at timestamptz;

  CREATE TABLE impersonations (
    -- Also the session id in its access token.
    id uuid PRIMARY KEY,
    actor_id uuid NOT NULL REFERENCES credentials (user_id) ON DELETE CASCADE,
    -- It ends with this session.
    actor_session_id uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES credentials (user_id) ON DELETE CASCADE,
    reason text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
  );
  CREATE INDEX impersonations_of_session ON impersonations (actor_session_id) WHERE ended_at IS NULL;
  CREATE INDEX impersonations_of_user ON impersonations (user_id) WHERE ended_at IS NULL;
  CREATE INDEX impersonations_of_actor ON impersonations (actor_id) WHERE ended_at IS NULL;

  -- NEXT is published and signs nothing yet, CURRENT signs, RETIRED is published until its last token is over.
  ALTER TABLE signing_keys
    ADD COLUMN state text NOT NULL DEFAULT 'RETIRED' CHECK (state IN ('NEXT', 'CURRENT', 'RETIRED')),
    ADD COLUMN current_since timestamptz,
    ADD COLUMN retired_at timestamptz,
    -- Not published any more after this.
    ADD COLUMN expires_at timestamptz;
  UPDATE signing_keys SET state = 'CURRENT', current_since = created_at
   WHERE id = (SELECT id FROM signing_keys ORDER BY created_at DESC LIMIT 1);
  UPDATE signing_keys SET retired_at = now(), expires_at = now() + interval '1 hour' WHERE state = 'RETIRED';
  ALTER TABLE signing_keys ALTER COLUMN state DROP DEFAULT;
  CREATE UNIQUE INDEX one_current_signing_key ON signing_keys (state) WHERE state IN ('CURRENT', 'NEXT');
  `,
);

import { defineMigration } from '@orion/platform/database';

export const people = defineMigration(
  10,
  'people',
  `
  ALTER TABLE users
    ADD COLUMN status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUSPENDED', 'DELETED')),
    -- As far as the events of auth tell.
    ADD COLUMN last_seen_at timestamptz,
    -- Never null, to sort by: who was never seen comes before everybody.
    ADD COLUMN seen_order timestamptz NOT NULL GENERATED ALWAYS AS (coalesce(last_seen_at, '-infinity')) STORED;
  UPDATE users SET status = 'DELETED' WHERE deleted_at IS NOT NULL;
  CREATE INDEX users_by_last_seen ON users (seen_order, id);
  CREATE INDEX users_by_status ON users (status, created_at, id) WHERE status <> 'ACTIVE';

  -- Exists for its settings: how many rows have a word that begins so, the planner does not know, and reading all of
  -- them in another order is what it must not try.
  CREATE FUNCTION users_with_words(query tsquery, most int) RETURNS SETOF uuid
    LANGUAGE sql STABLE ROWS 100 SET enable_seqscan = off SET enable_indexscan = off AS $$
      SELECT id FROM users WHERE array_to_tsvector(search_words) @@ query LIMIT most
    $$;

  CREATE TABLE user_preferences (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    namespace text NOT NULL,
    data jsonb NOT NULL,
    version int NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, namespace)
  );

  -- What a person did and what befell their account, for their own eyes; upkeep deletes what is old.
  CREATE TABLE activity (
    id uuid PRIMARY KEY,
    -- No reference: the event of a sign-in may overtake that of the registration.
    user_id uuid NOT NULL,
    kind text NOT NULL,
    occurred_at timestamptz NOT NULL,
    ip text,
    user_agent text,
    details jsonb NOT NULL DEFAULT '{}'
  );
  CREATE INDEX activity_of_user ON activity (user_id, id DESC);
  CREATE INDEX activity_by_age ON activity USING brin (occurred_at);

  -- Pictures, each in every size. The name is a hash that nobody can guess who has not seen it: it is all that is asked
  -- of those who fetch one.
  CREATE TABLE avatars (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    size int NOT NULL,
    hash text NOT NULL,
    content bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, size),
    UNIQUE (hash, size)
  );
  ALTER TABLE avatars ALTER COLUMN content SET STORAGE EXTERNAL;
  `,
);

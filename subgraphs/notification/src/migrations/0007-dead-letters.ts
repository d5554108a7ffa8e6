import { defineMigration } from '@orion/platform/database';

export const deadLetters = defineMigration(
  7,
  'dead-letters',
  `
  -- Events that a consumer group of some service gave up on, as its service tells: one row for a group and an event.
  CREATE TABLE dead_letters (
    id uuid PRIMARY KEY,
    service text NOT NULL,
    grp text NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    -- What is known of the event besides; null when it was too large to be sent along.
    key text,
    envelope json,
    error text NOT NULL,
    attempts int,
    died_at timestamptz NOT NULL,
    state text NOT NULL
      CHECK (state IN ('DEAD', 'REDRIVING', 'EDITING', 'DISCARDING', 'PROCESSED', 'DISCARDED', 'GONE')),
    -- Since when it is in a state that its service has to end; null in the others.
    requested_at timestamptz,
    settled_at timestamptz,
    reason text,
    -- State of the table that this row's last change made, see dead_letter_revision.
    revision bigint NOT NULL,
    UNIQUE (grp, event_id),
    CHECK ((requested_at IS NOT NULL) = (state IN ('REDRIVING', 'EDITING', 'DISCARDING')))
  );
  CREATE INDEX dead_letters_by_death ON dead_letters (died_at, id);
  CREATE INDEX dead_letters_open ON dead_letters (state, died_at, id);
  CREATE INDEX dead_letters_of_key ON dead_letters (key);
  CREATE INDEX dead_letters_by_revision ON dead_letters (revision);

  -- What operators asked for, and what the service answered.
  CREATE TABLE dead_letter_operations (
    id uuid PRIMARY KEY,
    dead_letter_id uuid NOT NULL REFERENCES dead_letters ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('REDRIVE', 'EDIT', 'DISCARD')),
    requested_by uuid NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    reason text,
    data json,
    -- Event that carries the request to the service.
    command_id uuid NOT NULL,
    outcome text,
    settled_at timestamptz
  );
  CREATE INDEX dead_letter_operations_of_letter ON dead_letter_operations (dead_letter_id, id);

  -- Whoever changes dead letters takes a new revision first and so waits for others who do: revisions become visible in
  -- their order, and nobody who reads on from one misses a change.
  CREATE TABLE dead_letter_revision (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    revision bigint NOT NULL
  );
  INSERT INTO dead_letter_revision (revision) VALUES (0);

  -- Groups that were asked to read the log again.
  CREATE TABLE replay_requests (
    id uuid PRIMARY KEY,
    grp text NOT NULL,
    from_time timestamptz,
    from_offset bigint,
    types text[],
    requested_by uuid NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    service text,
    events bigint,
    error text,
    finished_at timestamptz
  );
  `,
);

import { defineMigration } from '@orion/platform/database';

export const events = defineMigration(
  2,
  'events',
  `
  -- Everything that happened, once. A partition is a day in UTC; old days are dropped whole.
  CREATE TABLE events (
    event_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Type of the envelope, or 'client' for what a client tracked.
    type text NOT NULL,
    name text NOT NULL,
    user_id uuid,
    session_id uuid,
    anonymous_id text,
    properties jsonb NOT NULL,
    PRIMARY KEY (event_id, occurred_at)
  ) PARTITION BY RANGE (occurred_at);
  CREATE INDEX events_by_name ON events (name, occurred_at);
  CREATE INDEX events_by_user ON events (user_id, occurred_at) WHERE user_id IS NOT NULL;
  CREATE INDEX events_by_arrival ON events USING brin (received_at);

  -- Ids that clients have used: an event sent again is told from a new one, whatever time it now claims.
  CREATE TABLE track_receipts (
    event_id uuid PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX track_receipts_by_arrival ON track_receipts USING brin (received_at);
  `,
);

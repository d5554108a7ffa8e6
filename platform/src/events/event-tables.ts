/**
 * The tables behind events, one set in the database of each service: its first migration.
 *
 * - `outbox`: published, not yet handed to the transport. Normally empty.
 * - `inbox`: what each consumer group has taken effect of; the primary key is the deduplication.
 * - `parked_events`: what a group could not process: waiting for a retry, dead, or done after a retry. `seq` is the
 *   order within a key. `attempt` counts calls of the handler.
 *
 * Envelopes are `json`, not `jsonb`: they are written once and read whole, and `json` keeps every text that JSON can
 * say, while `jsonb` refuses NUL, which would make a foreign event impossible to park.
 */
export const EVENT_TABLES_V1 = `
CREATE TABLE outbox (
  seq bigserial PRIMARY KEY,
  id uuid NOT NULL,
  envelope json NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE TABLE inbox (
  grp text NOT NULL,
  event_id uuid NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (grp, event_id)
);
CREATE INDEX inbox_seen_at ON inbox USING brin (seen_at);

CREATE TABLE parked_events (
  seq bigserial NOT NULL,
  grp text NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  key text NOT NULL,
  attempt integer NOT NULL,
  next_at timestamptz NOT NULL,
  error text,
  envelope json NOT NULL,
  state text NOT NULL CHECK (state IN ('retry', 'dead', 'done')),
  parked_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (grp, event_id)
);
CREATE INDEX parked_events_due ON parked_events (grp, next_at) WHERE state = 'retry';
CREATE INDEX parked_events_order ON parked_events (grp, key, seq) WHERE state = 'retry';
CREATE INDEX parked_events_dead ON parked_events (grp, seq) WHERE state = 'dead';
`;

/**
 * What operations need, a migration of its own after EVENT_TABLES_V1.
 *
 * - `parked_events.redrive`: the cause (see Cause) of the command that drove a dead event again, until that is settled.
 * - `event_replays`: replays that were asked for, and how far they are. `lease_until` frees one whose process died; the
 *   answer is published in the transaction that makes it `done` or `failed`.
 */
export const EVENT_TABLES_V2 = `
ALTER TABLE parked_events ADD COLUMN redrive json;

CREATE TABLE event_replays (
  id text PRIMARY KEY,
  grp text NOT NULL,
  request json NOT NULL,
  cause json NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  owner uuid,
  lease_until timestamptz,
  effects bigint NOT NULL DEFAULT 0,
  error text,
  requested_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX event_replays_open ON event_replays (requested_at) WHERE state IN ('waiting', 'running');
`;

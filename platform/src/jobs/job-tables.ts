/**
 * The tables behind jobs, one set in the database of each service that has any: a migration after the event tables.
 *
 * - `jobs`: waiting and running ones; a job that is done is deleted, one that is dead moves to `dead_jobs`. A claim
 *   changes no indexed column of a job without a key, so that with half of each page left free it is a HOT update: the
 *   indexes are written when a job comes and not again. `token` rises with every claim and never falls: whoever shows
 *   an older one has lost the job. `attempt` counts claims since the job was enqueued or driven again.
 * - `paused_jobs`: kinds that nobody may claim.
 * - `job_schedules`: when a schedule fires next. `version` rises with every firing, so that one process wins it.
 * - `job_rates`: how many were finished in which minute.
 *
 * The functions exist for their settings: a plan is cached when the table is nearly empty and used when it is full, so
 * they may only walk indexes. Functions that running processes use are never changed: a change is a new `_v2`.
 *
 * `data` is `json`, not `jsonb`, as with events: written once, read whole, and NUL is no problem.
 */
export const JOB_TABLES_V1 = `
CREATE TABLE jobs (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 3),
  run_at timestamptz NOT NULL,
  lease_until timestamptz NOT NULL DEFAULT '-infinity',
  token integer NOT NULL DEFAULT 0,
  attempt integer NOT NULL DEFAULT 0,
  key text,
  -- True from enqueueing to the first claim, for a job with a key.
  holds_key boolean,
  data json NOT NULL,
  cause json,
  error text,
  progress json,
  schedule text,
  enqueued_at timestamptz NOT NULL DEFAULT now()
) WITH (
  fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000
);
CREATE INDEX jobs_due ON jobs (name, priority, run_at);
CREATE UNIQUE INDEX jobs_unique ON jobs (name, key) WHERE holds_key;
CREATE INDEX jobs_by_key ON jobs (name, key) WHERE key IS NOT NULL;
CREATE INDEX jobs_of_schedule ON jobs (schedule) WHERE schedule IS NOT NULL;

CREATE TABLE dead_jobs (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  priority smallint NOT NULL,
  token integer NOT NULL,
  attempts integer NOT NULL,
  key text,
  data json NOT NULL,
  cause json,
  error text NOT NULL,
  schedule text,
  enqueued_at timestamptz NOT NULL,
  died_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX dead_jobs_by_name ON dead_jobs (name, id);

CREATE TABLE paused_jobs (name text PRIMARY KEY, paused_at timestamptz NOT NULL DEFAULT now());

CREATE TABLE job_schedules (
  name text PRIMARY KEY,
  cron text NOT NULL,
  timezone text NOT NULL,
  next_at timestamptz NOT NULL,
  last_at timestamptz,
  buffered boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 0
);

CREATE TABLE job_rates (
  minute timestamptz NOT NULL,
  name text NOT NULL,
  priority smallint NOT NULL,
  done integer NOT NULL DEFAULT 0,
  retried integer NOT NULL DEFAULT 0,
  dead integer NOT NULL DEFAULT 0,
  PRIMARY KEY (minute, name, priority)
);

-- Takes due jobs, the most urgent first: of each priority as many as it has reserved, and more out of what is shared.
CREATE FUNCTION claim_jobs_v1(kinds text[], free integer[], leases_ms integer[], reserved integer[], shared integer)
RETURNS SETOF jobs LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET enable_hashjoin = off SET enable_mergejoin = off
AS $claim$
DECLARE
  paused text[] := ARRAY(SELECT paused_jobs.name FROM paused_jobs WHERE paused_jobs.name = ANY (kinds));
  most integer;
  taken integer;
BEGIN
  FOR urgency IN 0..3 LOOP
    FOR kind IN 1..cardinality(kinds) LOOP
      most := least(free[kind], reserved[urgency + 1] + shared);
      CONTINUE WHEN most <= 0 OR kinds[kind] = ANY (paused);
      RETURN QUERY
        WITH due AS MATERIALIZED (
          SELECT waiting.id FROM jobs waiting
          WHERE waiting.name = kinds[kind] AND waiting.priority = urgency
            AND waiting.run_at <= now() AND waiting.lease_until <= now()
          ORDER BY waiting.run_at LIMIT most FOR UPDATE SKIP LOCKED
        )
        UPDATE jobs SET lease_until = clock_timestamp() + leases_ms[kind] * interval '1 ms',
            token = jobs.token + 1, attempt = jobs.attempt + 1, holds_key = NULL
          FROM due WHERE jobs.id = due.id
        RETURNING jobs.*;
      GET DIAGNOSTICS taken = ROW_COUNT;
      free[kind] := free[kind] - taken;
      shared := shared - greatest(0, taken - reserved[urgency + 1]);
      reserved[urgency + 1] := greatest(0, reserved[urgency + 1] - taken);
    END LOOP;
  END LOOP;
END $claim$;

-- Deletes those jobs whose token is still the right one, and returns their ids.
CREATE FUNCTION finish_jobs_v1(ids uuid[], tokens integer[])
RETURNS SETOF uuid LANGUAGE sql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $finish$
  DELETE FROM jobs USING unnest(ids, tokens) AS held (id, token)
  WHERE jobs.id = held.id AND jobs.token = held.token RETURNING jobs.id
$finish$;

-- Prolongs the leases of those jobs whose token is still the right one, and returns their ids. A job that somebody has
-- locked is passed over: whether it is being cancelled or finished will be seen the next time.
CREATE FUNCTION renew_jobs_v1(ids uuid[], tokens integer[], leases_ms integer[])
RETURNS SETOF uuid LANGUAGE sql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $renew$
  WITH held AS MATERIALIZED (
    SELECT jobs.id, mine.lease_ms FROM unnest(ids, tokens, leases_ms) AS mine (id, token, lease_ms)
    JOIN jobs ON jobs.id = mine.id AND jobs.token = mine.token
  ), free AS MATERIALIZED (
    SELECT jobs.id, held.lease_ms FROM held JOIN jobs ON jobs.id = held.id FOR NO KEY UPDATE OF jobs SKIP LOCKED
  ), renewed AS (
    UPDATE jobs SET lease_until = clock_timestamp() + free.lease_ms * interval '1 ms' FROM free WHERE jobs.id = free.id
  )
  SELECT held.id FROM held
$renew$;
`;

import { defineMigration } from '@orion/platform/database';

export const auditLogs = defineMigration(
  5,
  'audit-logs',
  `
  -- What happened that somebody may have to account for: a chain of hashes without gaps, see audit/audit-chain.ts.
  CREATE TABLE audit_logs (
    id uuid PRIMARY KEY,
    sequence bigint NOT NULL UNIQUE CHECK (sequence > 0),
    occurred_at timestamptz(3) NOT NULL,
    recorded_at timestamptz(3) NOT NULL,
    actor_type text NOT NULL CHECK (actor_type IN ('USER', 'SERVICE', 'SYSTEM')),
    actor_id text,
    action text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('SUCCESS', 'FAILURE', 'DENIED')),
    targets jsonb NOT NULL,
    service text NOT NULL,
    reason text,
    request_id text NOT NULL,
    correlation_id text NOT NULL,
    details jsonb NOT NULL,
    -- Of the row in audit_clients, which may be deleted without breaking the chain; null when there never was one.
    client_digest text,
    previous_hash text NOT NULL,
    hash text NOT NULL
  );
  CREATE INDEX audit_logs_of_actor ON audit_logs (actor_id, sequence) WHERE actor_id IS NOT NULL;
  CREATE INDEX audit_logs_of_action ON audit_logs (action, sequence);
  CREATE INDEX audit_logs_of_target ON audit_logs USING gin (targets jsonb_path_ops);

  -- The end of the chain: whoever appends locks it first. It shows when rows are missing at the end.
  CREATE TABLE audit_chain (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    sequence bigint NOT NULL,
    hash text NOT NULL
  );
  INSERT INTO audit_chain (sequence, hash) VALUES (0, '${'0'.repeat(64)}');

  -- Where the actor's request came from: personal, so it can be erased. The salt keeps the digest from being guessed.
  -- No foreign key: to check one takes the right to update audit_logs, which nobody has.
  CREATE TABLE audit_clients (
    audit_id uuid PRIMARY KEY,
    actor_id text,
    ip text,
    user_agent text,
    salt text NOT NULL
  );
  CREATE INDEX audit_clients_of_actor ON audit_clients (actor_id) WHERE actor_id IS NOT NULL;

  CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'audit_logs only grows: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
  END $$;
  CREATE TRIGGER audit_logs_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
  -- Also for a session that switches ordinary triggers off.
  ALTER TABLE audit_logs ENABLE ALWAYS TRIGGER audit_logs_only_grow;
  REVOKE UPDATE, DELETE, TRUNCATE ON audit_logs FROM PUBLIC, CURRENT_USER;
  `,
);

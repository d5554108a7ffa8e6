import { defineMigration } from '@orion/platform/database';

export const credentials = defineMigration(
  7,
  'credentials',
  `
  ALTER TABLE accounts RENAME TO credentials;
  ALTER TABLE credentials RENAME COLUMN id TO user_id;
  -- Null for somebody who signs in with a provider or a passkey alone.
  ALTER TABLE credentials ALTER COLUMN password_hash DROP NOT NULL;
  ALTER TABLE credentials
    ADD COLUMN status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'DISABLED', 'DELETED')),
    ADD COLUMN locked_until timestamptz,
    ADD COLUMN password_changed_at timestamptz,
    -- When each permission stops, by epoch second, and rules with conditions, as the user subgraph announced them.
    ADD COLUMN permission_expiries jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN permission_rules jsonb NOT NULL DEFAULT '[]';
  UPDATE credentials SET password_changed_at = created_at;

  ALTER TABLE refresh_tokens RENAME TO auth_tokens;
  ALTER INDEX refresh_tokens_of_session RENAME TO auth_tokens_of_session;

  ALTER TABLE quotas RENAME TO rate_limits;
  ALTER TABLE rate_limits RENAME COLUMN address_hash TO key_hash;
  ALTER INDEX quotas_since RENAME TO rate_limits_since;

  -- What happened to the safety of an account, or of many: shown to its owner, streamed to operators.
  CREATE TABLE security_events (
    id uuid PRIMARY KEY,
    -- Null when it is no one account. No reference: it outlives the account.
    user_id uuid,
    type text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH')),
    session_id uuid,
    device_id uuid,
    ip text,
    user_agent text,
    details jsonb NOT NULL DEFAULT '{}',
    occurred_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX security_events_of_user ON security_events (user_id, id DESC);
  `,
);

import { defineMigration } from '@orion/platform/database';

export const oauth = defineMigration(
  15,
  'oauth',
  `
  -- Who somebody is at a provider. Known by issuer and subject alone: an address can change hands.
  CREATE TABLE oauth_providers (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES credentials ON DELETE CASCADE,
    provider text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    -- As the provider said at the latest sign-in.
    email text,
    email_verified boolean NOT NULL,
    linked_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    UNIQUE (issuer, subject)
  );
  CREATE INDEX oauth_providers_of_user ON oauth_providers (user_id, id);

  -- A sign-in at a provider that began here and has not come back yet.
  CREATE TABLE oauth_states (
    -- SHA-256 of the state.
    hash bytea PRIMARY KEY,
    provider text NOT NULL,
    intent text NOT NULL CHECK (intent IN ('LOGIN', 'LINK')),
    -- Who links, and in which session; null for a sign-in.
    user_id uuid REFERENCES credentials ON DELETE CASCADE,
    session_id uuid,
    redirect_uri text NOT NULL,
    -- SHA-256 of the secret that stays with the browser which began it.
    binding_hash bytea NOT NULL,
    verifier_sealed text NOT NULL,
    nonce text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    consumed_at timestamptz
  );
  CREATE INDEX oauth_states_expires ON oauth_states (expires_at);
  `,
);

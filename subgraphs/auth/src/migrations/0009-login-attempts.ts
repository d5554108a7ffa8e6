import { defineMigration } from '@orion/platform/database';

export const loginAttempts = defineMigration(
  9,
  'login-attempts',
  `
  -- Every attempt to sign in, whatever it came to.
  CREATE TABLE login_attempts (
    id uuid PRIMARY KEY,
    -- SHA-256 of the canonical address: many of them are of people who have no account here. Null when none was named.
    email_hash bytea,
    -- The account that it was about, when there is one. No reference: it outlives the account.
    user_id uuid,
    method text NOT NULL CHECK (method IN ('PASSWORD', 'EMAIL_CODE', 'PASSKEY', 'OAUTH')),
    outcome text NOT NULL CHECK (outcome IN ('SUCCEEDED', 'CHALLENGED', 'REFUSED')),
    reason text,
    ip text,
    -- The address, or the /64 network of an IPv6 address: what is counted.
    network text,
    user_agent text,
    device_id uuid,
    attempted_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((outcome = 'REFUSED') = (reason IS NOT NULL))
  );
  CREATE INDEX login_attempts_of_user ON login_attempts (user_id, id DESC) WHERE user_id IS NOT NULL;
  CREATE INDEX login_attempts_of_email ON login_attempts (email_hash, id DESC) WHERE email_hash IS NOT NULL;
  CREATE INDEX login_attempts_of_network ON login_attempts (network, attempted_at) WHERE network IS NOT NULL;
  CREATE INDEX login_attempts_age ON login_attempts (attempted_at);
  `,
);

import { defineMigration } from '@orion/platform/database';

export const dataExports = defineMigration(
  11,
  'data-exports',
  `
  -- All that is known of a person, collected from every service, for the person.
  CREATE TABLE data_exports (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('PENDING', 'READY')),
    requested_at timestamptz NOT NULL DEFAULT now(),
    ready_at timestamptz,
    expires_at timestamptz NOT NULL
  );
  CREATE INDEX data_exports_of_user ON data_exports (user_id, id DESC);
  -- One at a time.
  CREATE UNIQUE INDEX data_exports_pending ON data_exports (user_id) WHERE status = 'PENDING';

  -- What a service told, sealed, in as many pieces as its events.
  CREATE TABLE data_export_parts (
    export_id uuid NOT NULL REFERENCES data_exports ON DELETE CASCADE,
    service text NOT NULL,
    index int NOT NULL,
    count int NOT NULL,
    piece_sealed text NOT NULL,
    PRIMARY KEY (export_id, service, index)
  );

  -- Who has asked to be deleted, and when it happens.
  CREATE TABLE account_deletions (
    user_id uuid PRIMARY KEY,
    requested_at timestamptz NOT NULL DEFAULT now(),
    due_at timestamptz NOT NULL
  );
  `,
);

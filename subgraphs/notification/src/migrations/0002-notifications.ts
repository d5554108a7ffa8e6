import { defineMigration } from '@orion/platform/database';

export const notifications = defineMigration(
  2,
  'notifications',
  `
  -- What events of other subgraphs told about people. A deleted person stays as a bare id, so that an event that comes
  -- late does not bring them back.
  CREATE TABLE recipients (
    user_id uuid PRIMARY KEY,
    email text,
    display_name text,
    locale text,
    deleted_at timestamptz
  );

  -- One row a person: the counters that would otherwise be counted at every read. The checks make a drift an error.
  CREATE TABLE inboxes (
    user_id uuid PRIMARY KEY,
    rev bigint NOT NULL,
    unseen int NOT NULL,
    unread int NOT NULL,
    total int NOT NULL,
    CHECK (0 <= unseen AND unseen <= unread AND unread <= total)
  );

  CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    recipient_id uuid NOT NULL,
    actor_id uuid,
    type text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('IN_APP', 'EMAIL')),
    title text NOT NULL,
    body text NOT NULL,
    data jsonb,
    priority text NOT NULL CHECK (priority IN ('LOW', 'NORMAL', 'HIGH', 'CRITICAL')),
    status text NOT NULL CHECK (status IN ('QUEUED', 'SENT', 'DELIVERED', 'FAILED')),
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz,
    read_at timestamptz,
    archived_at timestamptz,
    -- State of the inbox that this notification made, when it is in one.
    rev bigint,
    -- Event that caused it, when one did.
    event_id uuid,
    CHECK ((channel = 'IN_APP') = (rev IS NOT NULL)),
    CHECK (read_at IS NULL OR seen_at IS NOT NULL)
  );
  CREATE INDEX notifications_inbox ON notifications (recipient_id, id DESC) WHERE channel = 'IN_APP' AND archived_at IS NULL;
  CREATE INDEX notifications_unread ON notifications (recipient_id, id DESC)
    WHERE channel = 'IN_APP' AND archived_at IS NULL AND read_at IS NULL;
  CREATE INDEX notifications_archive ON notifications (recipient_id, id DESC)
    WHERE channel = 'IN_APP' AND archived_at IS NOT NULL;
  CREATE INDEX notifications_of_actor ON notifications (actor_id) WHERE actor_id IS NOT NULL;
  CREATE UNIQUE INDEX notifications_rev ON notifications (recipient_id, rev) WHERE rev IS NOT NULL;
  -- Whatever happens to the inbox of events: nobody is told the same thing twice.
  CREATE UNIQUE INDEX notifications_once ON notifications (event_id, type, recipient_id, channel)
    WHERE event_id IS NOT NULL;

  -- Idempotency keys and what was sent under them.
  CREATE TABLE sends (
    sender_id uuid NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    notification_ids uuid[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sender_id, key)
  );
  `,
);

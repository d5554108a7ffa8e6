import { defineMigration } from '@orion/platform/database';
import { JOB_TABLES_V1 } from '@orion/platform/jobs';

const MODERATOR = '00000000-0000-7000-8000-00000000a003';
const SUPPORT = '00000000-0000-7000-8000-00000000a004';

/** What SUPPORT may do: look, so that it can answer questions. */
const SUPPORT_PERMISSIONS = [
  'activity:read:any',
  'notification:read:any',
  'security-event:read:any',
  'session:read:any',
  'user:list:any',
  'user:read:any',
];

/** What MODERATOR may do besides, which inherits from SUPPORT: act against those who misbehave. */
const MODERATOR_PERMISSIONS = ['audit:read:any', 'session:revoke:any', 'user:read-pii:any', 'user:suspend:any'];

const granted = (role: string, permissions: readonly string[]): string =>
  permissions.map((permission) => `('${role}', '${permission}')`).join(', ');

export const roleHierarchy = defineMigration(
  8,
  'role-hierarchy',
  `
  ${JOB_TABLES_V1}

  ALTER TABLE roles ADD COLUMN parent_id uuid REFERENCES roles ON DELETE RESTRICT CHECK (parent_id <> id);
  CREATE INDEX roles_of_parent ON roles (parent_id) WHERE parent_id IS NOT NULL;
  -- Every role with itself (depth 0), its parent (1), the parent of that (2), and so on: what it inherits from.
  CREATE TABLE role_closure (
    ancestor_id uuid NOT NULL REFERENCES roles ON DELETE CASCADE,
    descendant_id uuid NOT NULL REFERENCES roles ON DELETE CASCADE,
    depth int NOT NULL CHECK (depth >= 0 AND (depth = 0) = (ancestor_id = descendant_id)),
    PRIMARY KEY (descendant_id, ancestor_id)
  );
  CREATE INDEX role_closure_of_ancestor ON role_closure (ancestor_id, descendant_id);

  INSERT INTO roles (id, name, level, description, is_system) VALUES
    ('${SUPPORT}', 'SUPPORT', 30, 'Helps people: sees what they ask about, and changes nothing.', true);
  INSERT INTO roles (id, name, level, description, is_system, parent_id) VALUES
    ('${MODERATOR}', 'MODERATOR', 50, 'Keeps order: suspends accounts and signs people out.', true, '${SUPPORT}');
  INSERT INTO role_permissions (role_id, permission) VALUES
    ${granted(SUPPORT, SUPPORT_PERMISSIONS)}, ${granted(MODERATOR, MODERATOR_PERMISSIONS)};
  INSERT INTO role_closure (ancestor_id, descendant_id, depth) SELECT id, id, 0 FROM roles;
  INSERT INTO role_closure (ancestor_id, descendant_id, depth) VALUES ('${SUPPORT}', '${MODERATOR}', 1);

  -- What has ended counts no more at once; a job takes it away.
  ALTER TABLE user_roles ADD COLUMN expires_at timestamptz;
  CREATE INDEX user_roles_by_end ON user_roles (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX permission_versions_owed ON permission_versions (user_id) WHERE NOT is_announced;

  CREATE TABLE user_permissions (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    permission text NOT NULL REFERENCES permissions (key),
    effect text NOT NULL CHECK (effect IN ('ALLOW', 'DENY')),
    expires_at timestamptz,
    granted_by uuid,
    granted_at timestamptz NOT NULL DEFAULT now(),
    reason text,
    PRIMARY KEY (user_id, permission, effect)
  );
  CREATE INDEX user_permissions_by_end ON user_permissions (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE policies (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    effect text NOT NULL CHECK (effect IN ('ALLOW', 'DENY')),
    permission text NOT NULL REFERENCES permissions (key),
    -- Whom it concerns: those who have the role or one that inherits from it; everybody when null.
    role_id uuid REFERENCES roles ON DELETE CASCADE,
    condition jsonb NOT NULL,
    enabled boolean NOT NULL,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX policies_of_role ON policies (role_id);
  `,
);

import { defineMigration } from '@orion/platform/database';

/**
 * What an administrator may do: every permission of scope `any` that a subgraph's `@auth` names, or implies by naming
 * the same with scope `own`. A subgraph that adds one adds a migration here.
 */
const ADMINISTRATOR_PERMISSIONS = [
  'analytics:read:any',
  'notification:read:any',
  'notification:send:any',
  'notification:update:any',
  'permission:read:any',
  'role:read:any',
  'role:write:any',
  'session:read:any',
  'user:list:any',
  'user:read-pii:any',
] as const;

const ADMINISTRATOR = '00000000-0000-7000-8000-00000000a001';
const MEMBER = '00000000-0000-7000-8000-00000000a002';

export const roles = defineMigration(
  3,
  'roles',
  `
  CREATE TABLE roles (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    level int NOT NULL,
    description text NOT NULL,
    is_system boolean NOT NULL DEFAULT false
  );
  CREATE TABLE role_permissions (
    role_id uuid NOT NULL REFERENCES roles ON DELETE CASCADE,
    permission text NOT NULL CHECK (permission ~ '^[a-z][a-z0-9-]*:[a-z-]+:(own|team|any)$'),
    PRIMARY KEY (role_id, permission)
  );
  CREATE TABLE user_roles (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role_id uuid NOT NULL REFERENCES roles ON DELETE RESTRICT,
    -- Null when the system granted it. No reference: the grant outlives the granter.
    granted_by uuid,
    granted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, role_id)
  );
  CREATE INDEX user_roles_of_role ON user_roles (role_id, user_id);
  -- Counts the announcements of somebody's permissions.
  CREATE TABLE permission_versions (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    version int NOT NULL
  );

  INSERT INTO roles (id, name, level, description, is_system) VALUES
    ('${ADMINISTRATOR}', 'ADMIN', 100, 'Runs the platform: may read and change what belongs to others.', true),
    ('${MEMBER}', 'MEMBER', 10, 'Every registered person: may read and change what is their own.', true);
  INSERT INTO role_permissions (role_id, permission) VALUES
    ${ADMINISTRATOR_PERMISSIONS.map((permission) => `('${ADMINISTRATOR}', '${permission}')`).join(',\n    ')};
  `,
);

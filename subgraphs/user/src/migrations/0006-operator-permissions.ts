import { defineMigration } from '@orion/platform/database';

/** What operators need: the administrator may do it all. */
const OPERATOR_PERMISSIONS = [
  'audit:read:any',
  'deadletter:manage:any',
  'deadletter:read:any',
  'event:replay:any',
  'queue:read:any',
] as const;

export const operatorPermissions = defineMigration(
  6,
  'operator-permissions',
  `
  -- False when what a user may do has changed without an announcement: made up for at the next start.
  ALTER TABLE permission_versions ADD COLUMN is_announced boolean NOT NULL DEFAULT true;

  INSERT INTO role_permissions (role_id, permission)
    SELECT roles.id, permission FROM roles
     CROSS JOIN unnest(ARRAY[${OPERATOR_PERMISSIONS.map((key) => `'${key}'`).join(', ')}]) AS permission
     WHERE roles.name = 'ADMIN';
  UPDATE permission_versions SET is_announced = false
   WHERE user_id IN (SELECT user_id FROM user_roles JOIN roles ON roles.id = role_id WHERE roles.name = 'ADMIN');
  `,
);

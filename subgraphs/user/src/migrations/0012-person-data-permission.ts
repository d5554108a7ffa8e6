import { defineMigration } from '@orion/platform/database';

const PERMISSION = 'analytics:delete:any';

export const personDataPermission = defineMigration(
  12,
  'person-data-permission',
  `
  INSERT INTO permissions (id, resource, action, scope, description)
    VALUES (gen_random_uuid(), 'analytics', 'delete', 'any', 'Have figures forget a person.') ON CONFLICT DO NOTHING;
  INSERT INTO role_permissions (role_id, permission) SELECT id, '${PERMISSION}' FROM roles WHERE name = 'ADMIN'
    ON CONFLICT DO NOTHING;
  UPDATE permission_versions SET is_announced = false
   WHERE user_id IN (SELECT user_id FROM user_roles JOIN roles ON roles.id = role_id WHERE roles.name = 'ADMIN');
  `,
);

import { defineMigration } from '@orion/platform/database';

type Scope = 'own' | 'any';

/** Every permission that fields of the platform ask for, with what it allows: `resource:action`, scopes, words. */
const PERMISSIONS: readonly (readonly [action: string, scopes: readonly Scope[], description: string])[] = [
  ['activity:read', ['own', 'any'], 'See what somebody has done here.'],
  ['analytics:delete', ['any'], 'Delete what is known of the use that somebody makes of the platform.'],
  ['analytics:read', ['own', 'any'], 'See figures about the use of the platform.'],
  ['api-key:read', ['own', 'any'], 'See which API keys there are, never the keys themselves.'],
  ['api-key:revoke', ['any'], 'Revoke API keys.'],
  ['audit:read', ['any'], 'Read the audit log.'],
  ['deadletter:manage', ['any'], 'Redrive, edit and discard events that could not be handled.'],
  ['deadletter:read', ['any'], 'See events that could not be handled.'],
  ['device:read', ['own', 'any'], 'See from which devices somebody signs in.'],
  ['event:replay', ['any'], 'Replay events of the past.'],
  ['identity:read', ['own', 'any'], 'See which accounts elsewhere are linked.'],
  ['login-attempt:read', ['any'], 'See attempts to sign in.'],
  ['mfa:read', ['own', 'any'], 'See which second factors are set up.'],
  ['mfa:reset', ['any'], 'Take second factors away.'],
  ['notification:read', ['own', 'any'], 'Read notifications.'],
  ['notification:send', ['any'], 'Send notifications.'],
  ['notification:update', ['own', 'any'], 'Mark, archive and cancel notifications.'],
  ['passkey:read', ['own', 'any'], 'See which passkeys there are.'],
  ['password:reset', ['any'], 'Have somebody choose a new password.'],
  ['permission:explain', ['any'], 'See why somebody may or may not do something.'],
  ['permission:read', ['own', 'any'], 'See what somebody may do.'],
  ['permission:write', ['any'], 'Give permissions to and take them from roles and users.'],
  ['policy:read', ['any'], 'See policies.'],
  ['policy:write', ['any'], 'Make, change and delete policies.'],
  ['preference:read', ['own', 'any'], 'See what somebody prefers.'],
  ['queue:read', ['any'], 'See how work in the background goes.'],
  ['role:read', ['own', 'any'], 'See roles and who has them.'],
  ['role:write', ['any'], 'Make and change roles, and give them to and take them from users.'],
  ['security-event:read', ['own', 'any'], 'See what concerns the security of an account.'],
  ['service-account:read', ['any'], 'See service accounts.'],
  ['service-account:write', ['any'], 'Make and delete service accounts and their keys.'],
  ['session:read', ['own', 'any'], 'See where somebody is signed in.'],
  ['session:revoke', ['any'], 'Sign others out.'],
  ['signing-key:rotate', ['any'], 'Change the keys that sign access tokens.'],
  ['user:delete', ['any'], 'Delete accounts.'],
  ['user:impersonate', ['any'], 'See the platform as somebody else sees it.'],
  ['user:list', ['any'], 'List everybody.'],
  ['user:lock', ['any'], 'Lock and unlock accounts.'],
  ['user:read', ['any'], 'See the state of accounts.'],
  ['user:read-pii', ['own', 'any'], 'See e-mail addresses and what else is personal.'],
  ['user:suspend', ['any'], 'Suspend and reactivate accounts.'],
  ['user:write', ['any'], 'Change profiles.'],
];

const rows = PERMISSIONS.flatMap(([action, scopes, description]) => {
  const [resource = '', verb = ''] = action.split(':');
  return scopes.map((scope) => `(gen_random_uuid(), '${resource}', '${verb}', '${scope}', '${description}')`);
});

export const identityPermissions = defineMigration(
  7,
  'identity-permissions',
  `
  CREATE TABLE permissions (
    id uuid PRIMARY KEY,
    resource text NOT NULL CHECK (resource ~ '^[a-z][a-z0-9-]*$'),
    action text NOT NULL CHECK (action ~ '^[a-z][a-z-]*$'),
    scope text NOT NULL CHECK (scope IN ('own', 'team', 'any')),
    description text NOT NULL,
    key text NOT NULL UNIQUE GENERATED ALWAYS AS (resource || ':' || action || ':' || scope) STORED
  );
  INSERT INTO permissions (id, resource, action, scope, description) VALUES
    ${rows.join(',\n    ')};
  -- What somebody has given to a role by hand.
  INSERT INTO permissions (id, resource, action, scope, description)
    SELECT gen_random_uuid(), split_part(permission, ':', 1), split_part(permission, ':', 2),
           split_part(permission, ':', 3), permission
      FROM (SELECT DISTINCT permission FROM role_permissions) AS given
     WHERE permission NOT IN (SELECT key FROM permissions);
  ALTER TABLE role_permissions ADD FOREIGN KEY (permission) REFERENCES permissions (key);
  CREATE INDEX role_permissions_of_permission ON role_permissions (permission);

  INSERT INTO role_permissions (role_id, permission)
    SELECT roles.id, permissions.key FROM roles CROSS JOIN permissions
     WHERE roles.name = 'ADMIN' AND permissions.scope = 'any'
    ON CONFLICT DO NOTHING;
  UPDATE permission_versions SET is_announced = false
   WHERE user_id IN (SELECT user_id FROM user_roles JOIN roles ON roles.id = role_id WHERE roles.name = 'ADMIN');
  `,
);

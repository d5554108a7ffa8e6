import type { PersonalTable } from '@orion/platform/data-export';

/** What a person gets of the tables of this service. */
export const PERSONAL_TABLES: readonly PersonalTable[] = [
  {
    table: 'users',
    owner: 'id',
    columns: [
      'id',
      'display_name',
      'username',
      'email',
      'bio',
      'locale',
      'timezone',
      'status',
      'kind',
      'profile_version',
      'last_seen_at',
      'created_at',
      'updated_at',
    ],
    orderBy: 'id',
  },
  {
    table: 'user_preferences',
    owner: 'user_id',
    columns: ['namespace', 'data', 'version', 'updated_at'],
    orderBy: 'namespace',
  },
  {
    table: 'avatars',
    owner: 'user_id',
    columns: ['size', "encode(content, 'base64') AS webp_base64", 'created_at'],
    orderBy: 'size DESC',
  },
  {
    table: 'activity',
    owner: 'user_id',
    columns: ['id', 'kind', 'occurred_at', 'ip', 'user_agent', 'details'],
    orderBy: 'id DESC',
  },
  {
    table: 'user_roles',
    owner: 'user_id',
    columns: ['(SELECT name FROM roles WHERE roles.id = role_id) AS role', 'granted_at', 'granted_by', 'expires_at'],
    orderBy: 'granted_at',
  },
  {
    table: 'user_permissions',
    owner: 'user_id',
    columns: ['permission', 'effect', 'granted_at', 'granted_by', 'expires_at', 'reason'],
    orderBy: 'permission, effect',
  },
  {
    table: 'api_keys',
    owner: 'user_id',
    columns: [
      'id',
      'name',
      'prefix',
      'scopes',
      'allowed_ips',
      'created_at',
      'expires_at',
      'last_used_at',
      'revoked_at',
    ],
    orderBy: 'id',
  },
  {
    table: 'audit_logs',
    owner: 'actor_id',
    columns: ['id', 'occurred_at', 'action', 'outcome', 'targets', 'service', 'reason', 'details'],
    orderBy: 'sequence DESC',
  },
  {
    table: 'account_deletions',
    owner: 'user_id',
    columns: ['requested_at', 'due_at'],
    orderBy: 'requested_at',
  },
  {
    table: 'data_exports',
    owner: 'user_id',
    columns: ['id', 'status', 'requested_at', 'ready_at', 'expires_at'],
    orderBy: 'id DESC',
  },
];

/** Tables with an id of a person of which a person gets nothing, and why. */
export const NOT_EXPORTED: Readonly<Record<string, string>> = {
  audit_clients: 'addresses of audited actions: the activity of the person says the same',
  permission_versions: 'a number that only programs need',
};

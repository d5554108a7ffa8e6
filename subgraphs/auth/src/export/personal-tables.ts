import type { PersonalTable } from '@orion/platform/data-export';

/** What a person gets of the tables of this service: never a secret, its hash or its seal. */
export const PERSONAL_TABLES: readonly PersonalTable[] = [
  {
    table: 'credentials',
    owner: 'user_id',
    columns: [
      'user_id',
      'email',
      'email_verified_at',
      'display_name',
      'status',
      'password_hash IS NOT NULL AS has_password',
      'password_changed_at',
      'locked_until',
      'last_login_at',
      'created_at',
    ],
    orderBy: 'user_id',
  },
  {
    table: 'sessions',
    owner: 'user_id',
    columns: [
      'id',
      'device_id',
      'ip',
      'user_agent',
      'methods',
      'created_at',
      'authenticated_at',
      'last_seen_at',
      'expires_at',
      'revoked_at',
      'revoked_reason',
    ],
    orderBy: 'id DESC',
  },
  {
    table: 'devices',
    owner: 'user_id',
    columns: ['id', 'name', 'platform', 'first_seen_at', 'last_seen_at', 'trusted_until', 'revoked_at'],
    orderBy: 'id DESC',
  },
  {
    table: 'security_events',
    owner: 'user_id',
    columns: ['id', 'type', 'severity', 'session_id', 'device_id', 'ip', 'user_agent', 'details', 'occurred_at'],
    orderBy: 'id DESC',
  },
  {
    table: 'login_attempts',
    owner: 'user_id',
    columns: ['id', 'method', 'outcome', 'reason', 'ip', 'user_agent', 'device_id', 'attempted_at'],
    orderBy: 'id DESC',
  },
  {
    table: 'two_factor_auth',
    owner: 'user_id',
    columns: ['method', 'confirmed_at', 'locked_until'],
    orderBy: 'method',
  },
  { table: 'backup_codes', owner: 'user_id', columns: ['created_at', 'used_at'], orderBy: 'created_at' },
  {
    table: 'passkeys',
    owner: 'user_id',
    columns: ['id', 'name', 'transports', 'backed_up', 'created_at', 'last_used_at'],
    orderBy: 'id DESC',
  },
  {
    table: 'oauth_providers',
    owner: 'user_id',
    columns: ['id', 'provider', 'issuer', 'subject', 'email', 'email_verified', 'linked_at', 'last_used_at'],
    orderBy: 'id DESC',
  },
  {
    table: 'password_resets',
    owner: 'user_id',
    columns: ['requested_at', 'expires_at', 'consumed_at', 'ip'],
    orderBy: 'requested_at DESC',
  },
  {
    table: 'email_changes',
    owner: 'user_id',
    columns: ['email', 'requested_at', 'expires_at', 'consumed_at', 'ip'],
    orderBy: 'requested_at DESC',
  },
  {
    table: 'impersonations',
    owner: 'user_id',
    columns: ['id', 'reason', 'started_at', 'expires_at', 'ended_at'],
    orderBy: 'id DESC',
  },
];

/** Tables with an id of a person of which a person gets nothing, and why. */
export const NOT_EXPORTED: Readonly<Record<string, string>> = {
  auth_tokens: 'hashes of refresh tokens: the sessions that they belong to are exported',
  session_blacklist: 'ids of sessions that have ended: the sessions are exported',
  one_time_tokens: 'hashes of links in mails, good for hours',
  login_codes: 'hashes of codes in mails, good for minutes',
  mfa_challenges: 'hashes of sign-ins that wait for a second factor, good for minutes',
  passkey_challenges: 'hashes of questions to passkeys, good for minutes',
  oauth_states: 'hashes of sign-ins at a provider that are under way, good for minutes',
};

import { eventTables } from './0001-event-tables.js';
import { users } from './0002-users.js';
import { roles } from './0003-roles.js';
import { eventTablesV2 } from './0004-event-tables-v2.js';
import { auditLogs } from './0005-audit-logs.js';
import { operatorPermissions } from './0006-operator-permissions.js';
import { identityPermissions } from './0007-identity-permissions.js';
import { roleHierarchy } from './0008-role-hierarchy.js';
import { apiKeys } from './0009-api-keys.js';
import { people } from './0010-people.js';
import { dataExports } from './0011-data-exports.js';

/** In order, forward only. */
export const migrations = [
  eventTables,
  users,
  roles,
  eventTablesV2,
  auditLogs,
  operatorPermissions,
  identityPermissions,
  roleHierarchy,
  apiKeys,
  people,
  dataExports,
] as const;

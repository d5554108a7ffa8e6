import { eventTables } from './0001-event-tables.js';
import { accounts } from './0002-accounts.js';
import { sessions } from './0003-sessions.js';
import { quotas } from './0004-quotas.js';
import { eventTablesV2 } from './0005-event-tables-v2.js';
import { jobTables } from './0006-job-tables.js';
import { credentials } from './0007-credentials.js';
import { passwords } from './0008-passwords.js';
import { loginAttempts } from './0009-login-attempts.js';
import { emailChangeSession } from './0010-email-change-session.js';
import { secondFactors } from './0011-second-factors.js';
import { trustedDevices } from './0012-trusted-devices.js';
import { passkeys } from './0013-passkeys.js';
import { tokenFamilies } from './0014-token-families.js';
import { oauth } from './0015-oauth.js';
import { operators } from './0016-operators.js';

/** In order, forward only. */
export const migrations = [
  eventTables,
  accounts,
  sessions,
  quotas,
  eventTablesV2,
  jobTables,
  credentials,
  passwords,
  loginAttempts,
  emailChangeSession,
  secondFactors,
  trustedDevices,
  passkeys,
  tokenFamilies,
  oauth,
  operators,
] as const;

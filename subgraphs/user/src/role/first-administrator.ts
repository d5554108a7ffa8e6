import { auditOf } from '@orion/platform/audit';
import { publish } from '@orion/platform/events';
import type { DataSource } from 'typeorm';
import { lockAccessOfAll } from '../permission/access-lock.js';
import { hasLastingAdministrator } from './last-administrator.js';
import type { RoleGrantService } from './role-grant.service.js';

const SYSTEM = { userId: null, ip: null, userAgent: null };

/**
 * Makes somebody an administrator for good while nobody is one: who runs the platform says whom, by the configuration,
 * and whoever is one gives the role to others. `unknown` when there is no such person, or not an active one.
 */
export function appointFirstAdministrator(
  database: DataSource,
  grants: RoleGrantService,
  userId: string,
): Promise<'appointed' | 'not needed' | 'unknown'> {
  return database.transaction(async (manager) => {
    await lockAccessOfAll(manager);
    if (await hasLastingAdministrator(manager)) return 'not needed';
    const people: unknown[] = await manager.query(
      `SELECT FROM users WHERE id = $1 AND kind = 'PERSON' AND status = 'ACTIVE'`,
      [userId],
    );
    if (people.length === 0) return 'unknown';
    // By a denial nobody would have what the role gives.
    await manager.query(`DELETE FROM user_permissions WHERE user_id = $1 AND effect = 'DENY'`, [userId]);
    await grants.grantAdministrator(manager, userId);
    const targets = [{ type: 'user', id: userId }];
    const details = { role: 'ADMIN', cause: 'FIRST_ADMINISTRATOR_ID' };
    await publish(manager, [auditOf(SYSTEM, { service: 'user', action: 'role.assigned', targets, details })]);
    return 'appointed';
  });
}

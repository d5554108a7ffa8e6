import { lockKey } from '@orion/platform/database';
import type { EntityManager } from 'typeorm';

const ACCESS = lockKey('access');

/**
 * Call first in a transaction that changes what ONE user has: any number at once. Before anything else, so that nobody
 * holds a row that somebody waits for who holds this lock.
 */
export async function lockAccessOfUser(manager: EntityManager): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock_shared($1)', [ACCESS]);
}

/**
 * Call first in a transaction that changes roles or policies, so what many users have: one at a time, and nobody is
 * given a role meanwhile. Of two who each close half of a circle of roles, the second sees what the first did; and
 * whom a change concerns cannot change before they are marked.
 */
export async function lockAccessOfAll(manager: EntityManager): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock($1)', [ACCESS]);
}

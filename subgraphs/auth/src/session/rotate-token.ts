import { camelCaseKeys } from '@orion/platform/database';
import { uuidv7 } from '@orion/platform/ids';
import type { ClientBase } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { hashToken } from '../one-time-token/one-time-token.service.js';
import { Session } from './session.entity.js';
import type { PresentedToken } from './presented-token.js';
import type { Grants } from '../token/grants.js';

/** Purpose under which the token that replaced another one is sealed. */
export const CHILD_SEAL = 'refresh-child';

/** What goes into the next pair. */
export interface Rotated {
  readonly session: Session;
  readonly grants: Grants;
  readonly refreshExpiresAt: Date;
}

/**
 * Uses a refresh token up and puts the child in its place, in one statement that is its own transaction. Of many uses at
 * once one gets a row; the others wait for it and find the token consumed. Null when the token, its session or its
 * account is not good any more, or when it comes from another device.
 */
export async function rotateToken(
  database: DataSource,
  { refreshToken, deviceToken, ip, userAgent }: PresentedToken,
  {
    child,
    childSealed,
    refreshSeconds,
  }: { readonly child: string; readonly childSealed: string; readonly refreshSeconds: number },
): Promise<Rotated | null> {
  const [row] = await queryPrepared(database, [
    hashToken(refreshToken),
    childSealed,
    hashToken(child),
    userAgent,
    deviceToken === null ? null : hashToken(deviceToken),
    uuidv7(),
    refreshSeconds,
    ip,
  ]);
  return row === undefined ? null : readRotated(database.manager, row);
}

/** Planned once a connection: that costs more than to do it. TypeORM cannot. */
async function queryPrepared(database: DataSource, values: readonly unknown[]): Promise<Record<string, unknown>[]> {
  const runner = database.createQueryRunner();
  try {
    const client = (await runner.connect()) as ClientBase;
    const query = { name: 'orion-rotate-token', text: ROTATE, values: [...values] };
    return (await client.query<Record<string, unknown>>(query)).rows;
  } finally {
    await runner.release();
  }
}

/** A row of session, grants and `refresh_expires_at`. */
export function readRotated(manager: EntityManager, row: Record<string, unknown>): Rotated {
  const { refreshExpiresAt, permissions, permissionsVersion, permissionExpiries, permissionRules, ...session } =
    camelCaseKeys<Grants & Session & { readonly refreshExpiresAt: Date }>(row);
  return {
    refreshExpiresAt,
    grants: { permissions, permissionsVersion, permissionExpiries, permissionRules },
    session: manager.create(Session, session),
  };
}

/** Columns of {@link readRotated} besides `refresh_expires_at`. */
export const GRANT_COLUMNS = `c.permissions, c.permissions_version, c.permission_expiries, c.permission_rules`;

// The session first, as whoever ends it does: neither waits for the other in a circle.
const ROTATE = `
  WITH alive AS (
    SELECT s.id FROM sessions s
     WHERE s.id = (SELECT session_id FROM auth_tokens WHERE hash = $1)
       AND s.revoked_at IS NULL AND s.expires_at > now() AND s.idle_expires_at > now()
       FOR NO KEY UPDATE
  ), spent AS (
    UPDATE auth_tokens t
       SET consumed_at = now(), child_sealed = $2, child_hash = $3, consumed_user_agent = $4
      FROM alive, credentials c
     WHERE t.hash = $1 AND t.session_id = alive.id AND t.consumed_at IS NULL AND t.revoked_at IS NULL
       AND t.expires_at > now() AND t.absolute_expires_at > now()
       AND c.user_id = t.user_id AND c.status = 'ACTIVE'
       AND ($5::bytea IS NULL OR EXISTS (SELECT 1 FROM devices d WHERE d.id = t.device_id AND d.secret_hash = $5))
    RETURNING t.id, t.user_id, t.session_id, t.family_id, t.generation, t.absolute_expires_at, t.device_id,
              least(now() + make_interval(secs => $7), t.absolute_expires_at) AS refresh_expires_at,
              ${GRANT_COLUMNS}
  ), child AS (
    INSERT INTO auth_tokens (id, hash, user_id, session_id, family_id, parent_id, generation, expires_at,
                             absolute_expires_at, device_id, ip, user_agent)
    SELECT $6, $3, user_id, session_id, family_id, id, generation + 1, refresh_expires_at,
           absolute_expires_at, device_id, $8, $4
      FROM spent
  )
  UPDATE sessions SET last_seen_at = now(), idle_expires_at = spent.refresh_expires_at
    FROM spent WHERE sessions.id = spent.session_id
  RETURNING sessions.*, spent.refresh_expires_at, spent.permissions, spent.permissions_version,
            spent.permission_expiries, spent.permission_rules`;

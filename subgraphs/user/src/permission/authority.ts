import { permissionsNow } from '@orion/platform/access';
import type { Circumstances } from '@orion/platform/access';
import { actorOf } from '@orion/platform/audit';
import type { AuditActor } from '@orion/platform/audit';
import { forbidden } from '@orion/platform/errors';
import { viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import type { EntityManager } from 'typeorm';
import { grantsOf, readAccessSources } from './access-sources.js';
import { circumstancesOf } from './circumstances.js';
import { scopesOf } from './decision.js';

/** The role at the top. Its holders stand above everybody, one another included. */
export const ADMIN = 'ADMIN';

/** Who wants to change what others may do, and the request. */
export interface Granter {
  readonly userId: string;
  readonly actor: AuditActor;
  readonly circumstances: Circumstances;
  /** What the API key was given when one asks; null for a person. */
  readonly scopes: readonly string[] | null;
}

/** How far somebody's word goes, by what the database says now. */
export interface Authority {
  readonly userId: string;
  /** Of the highest role; -1 without a role. */
  readonly level: number;
  readonly isAdmin: boolean;
  readonly held: ReadonlySet<string>;
}

/** The viewer of a request. */
export function granterOf(context: SubgraphContext): Granter {
  const viewer = viewerOf(context);
  return {
    userId: viewer.userId,
    actor: actorOf(context),
    circumstances: circumstancesOf(viewer, context),
    scopes: scopesOf(viewer),
  };
}

/**
 * Checks in the database, not in the token, who asks. Throws FORBIDDEN when they have lost the permission since the
 * token was issued.
 */
export async function authorise(manager: EntityManager, granter: Granter, permission: string): Promise<Authority> {
  const { userId, circumstances, scopes } = granter;
  const [sources] = await readAccessSources(manager, [userId]);
  const now = sources === undefined ? [] : permissionsNow(grantsOf(sources, 0), circumstances);
  const held = new Set(scopes === null ? now : now.filter((one) => scopes.includes(one)));
  if (!held.has(permission)) throw forbidden(permission);
  const { level, isAdmin, isActive } = await rankOf(manager, userId);
  if (!isActive) throw forbidden(permission);
  return { userId, level, isAdmin, held };
}

/** Whether a role, or what has a level like one, is below the authority. */
export function isBelow({ level: mine, isAdmin }: Authority, level: number): boolean {
  return isAdmin || level < mine;
}

/** Whether the authority reaches to a user: nobody changes what those may do who stand as high as they do. */
export async function reachesUser(manager: EntityManager, authority: Authority, userId: string): Promise<boolean> {
  return isBelow(authority, (await rankOf(manager, userId)).level);
}

interface Rank {
  readonly level: number;
  readonly isAdmin: boolean;
  readonly isActive: boolean;
}

async function rankOf(manager: EntityManager, userId: string): Promise<Rank> {
  const [rank]: Rank[] = await manager.query(
    `SELECT coalesce(max(level), -1) AS level, coalesce(bool_or(name = $2), false) AS "isAdmin",
            EXISTS (SELECT FROM users WHERE id = $1 AND status = 'ACTIVE') AS "isActive"
       FROM user_roles JOIN roles ON roles.id = role_id
      WHERE user_id = $1 AND (expires_at IS NULL OR expires_at > clock_timestamp())`,
    [userId, ADMIN],
  );
  return rank ?? { level: -1, isAdmin: false, isActive: false };
}

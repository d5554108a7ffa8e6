import type { AccessGrants, AccessRule, Condition } from '@orion/platform/access';
import type { EntityManager } from 'typeorm';

/** Why somebody holds a permission. */
export interface GrantSource {
  readonly permission: string;
  readonly kind: 'ROLE' | 'DIRECT';
  /** Null when it does not end by itself. */
  readonly expiresAt: Date | null;
}

/** What somebody may not do, whatever grants it. */
export interface DenialSource {
  readonly permission: string;
  readonly expiresAt: Date | null;
}

/** All that decides what a user may do, as it is in the database. */
export interface AccessSources {
  readonly grants: readonly GrantSource[];
  readonly denials: readonly DenialSource[];
  /** Of policies that are enabled and concern the user. */
  readonly rules: readonly AccessRule[];
}

interface SourceRow {
  readonly userId: string;
  readonly kind: GrantSource['kind'] | 'DENIAL';
  readonly permission: string;
  readonly expiresAt: Date | null;
}

interface RuleRow {
  readonly userId: string;
  readonly id: string;
  readonly effect: 'ALLOW' | 'DENY';
  readonly permission: string;
  readonly condition: Condition;
  readonly expiresAt: Date | null;
}

const GRANTS = `
  SELECT given.user_id AS "userId", 'ROLE' AS kind, allowed.permission, given.expires_at AS "expiresAt"
    FROM user_roles given
    JOIN role_closure heritage ON heritage.descendant_id = given.role_id
    JOIN role_permissions allowed ON allowed.role_id = heritage.ancestor_id
   WHERE given.user_id = ANY($1::uuid[]) AND (given.expires_at IS NULL OR given.expires_at > clock_timestamp())
  UNION ALL
  SELECT user_id, CASE effect WHEN 'ALLOW' THEN 'DIRECT' ELSE 'DENIAL' END, permission, expires_at
    FROM user_permissions
   WHERE user_id = ANY($1::uuid[]) AND (expires_at IS NULL OR expires_at > clock_timestamp())`;

/** A policy of a role ends for somebody when they lose the role. */
const RULES = `
  WITH membership AS (
    SELECT given.user_id, heritage.ancestor_id AS role_id,
           CASE WHEN bool_or(given.expires_at IS NULL) THEN NULL ELSE max(given.expires_at) END AS expires_at
      FROM user_roles given JOIN role_closure heritage ON heritage.descendant_id = given.role_id
     WHERE given.user_id = ANY($1::uuid[]) AND (given.expires_at IS NULL OR given.expires_at > clock_timestamp())
     GROUP BY 1, 2
  )
  SELECT person.id AS "userId", policy.id, policy.effect, policy.permission, policy.condition,
         least(policy.expires_at, membership.expires_at) AS "expiresAt"
    FROM policies policy
   CROSS JOIN unnest($1::uuid[]) AS person (id)
    LEFT JOIN membership ON membership.user_id = person.id AND membership.role_id = policy.role_id
   WHERE policy.enabled AND (policy.expires_at IS NULL OR policy.expires_at > clock_timestamp())
     AND (policy.role_id IS NULL OR membership.role_id IS NOT NULL)
   ORDER BY policy.id`;

/** Of many users, in two statements. What has ended is not there any more. */
export async function readAccessSources(
  manager: EntityManager,
  userIds: readonly string[],
): Promise<readonly AccessSources[]> {
  const found = new Map<string, MutableSources>(userIds.map((id) => [id, { grants: [], denials: [], rules: [] }]));
  const sources: SourceRow[] = await manager.query(GRANTS, [userIds]);
  const rules: RuleRow[] = await manager.query(RULES, [userIds]);
  for (const { userId, kind, permission, expiresAt } of sources) {
    if (kind === 'DENIAL') found.get(userId)?.denials.push({ permission, expiresAt });
    else found.get(userId)?.grants.push({ permission, kind, expiresAt });
  }
  for (const { userId, expiresAt, effect, ...rule } of rules) {
    found.get(userId)?.rules.push({
      ...rule,
      effect: effect === 'ALLOW' ? 'allow' : 'deny',
      ...(expiresAt === null ? {} : { expiresAt: epochSeconds(expiresAt) }),
    });
  }
  return userIds.map((id) => found.get(id) ?? { grants: [], denials: [], rules: [] });
}

interface MutableSources {
  readonly grants: GrantSource[];
  readonly denials: DenialSource[];
  readonly rules: AccessRule[];
}

/**
 * The whole of it, as it is announced: what is granted without what is denied, each with its end when it has one. What
 * is denied is not there at all, so whoever knows neither ends nor rules allows nothing that is denied; it is announced
 * anew when a denial ends.
 */
export function grantsOf({ grants, denials, rules }: AccessSources, version: number): AccessGrants {
  const denied = new Set(denials.map(({ permission }) => permission));
  const ends = new Map<string, number | null>();
  for (const { permission, expiresAt } of grants) {
    if (denied.has(permission)) continue;
    ends.set(permission, laterOf(ends.get(permission), expiresAt === null ? null : epochSeconds(expiresAt)));
  }
  const permissions = [...ends.keys()].toSorted();
  const expiries: Record<string, number> = {};
  for (const permission of permissions) {
    const end = ends.get(permission);
    if (typeof end === 'number') expiries[permission] = end;
  }
  const counting = rules.filter(({ effect, permission }) => effect === 'deny' || !denied.has(permission));
  return { permissions, expiries, rules: counting, version };
}

/** Null is never; undefined when there is none yet. */
function laterOf(one: number | null | undefined, other: number | null): number | null {
  if (one === undefined) return other;
  return one === null || other === null ? null : Math.max(one, other);
}

/** When the first of the sources ends: until then they decide the same. Null when none does. */
export function firstEnd({ grants, denials, rules }: AccessSources): number | null {
  const ends = [
    ...[...grants, ...denials].flatMap(({ expiresAt }) => (expiresAt === null ? [] : [expiresAt.getTime()])),
    ...rules.flatMap(({ expiresAt }) => (expiresAt === undefined ? [] : [expiresAt * 1_000])),
  ];
  return ends.length === 0 ? null : Math.min(...ends);
}

/** The whole second, so that nothing lasts longer than it was given. */
export function epochSeconds(moment: Date): number {
  return Math.floor(moment.getTime() / 1_000);
}

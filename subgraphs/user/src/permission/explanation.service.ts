import { permissionsNow } from '@orion/platform/access';
import type { Circumstances } from '@orion/platform/access';
import type { EntityManager } from 'typeorm';
import { Policy } from '../policy/policy.entity.js';
import { Role } from '../role/role.entity.js';
import { In } from 'typeorm';
import { decide, sufficientKeys } from './decision.js';
import { AccessStepKind, AccessStepOutcome, ConditionOutcome } from './explanation.types.js';
import type { AccessStep, DecisionTrace } from './explanation.types.js';
import { AccessEffect } from './permission-grant.types.js';
import type { UserAccess } from './permission.service.js';

/** Whether somebody may do something: what to explain. */
export interface ExplanationRequest {
  readonly userId: string;
  readonly permission: string;
  readonly ownerId: string | null;
  readonly circumstances: Circumstances;
  readonly access: UserAccess;
  readonly isKnown: boolean;
}

const NOTHING = { role: null, through: [], policy: null, condition: null, expiresAt: null };

/** Says what led to a decision. */
export class ExplanationService {
  constructor(private readonly manager: EntityManager) {}

  /** Throws BAD_USER_INPUT for what is no permission. */
  async explain(request: ExplanationRequest): Promise<DecisionTrace> {
    const { userId, permission, ownerId, circumstances } = request;
    const keys = sufficientKeys(permission);
    const steps = [
      ...(await this.#roleSteps(userId, keys)),
      ...(await this.#directSteps(userId, keys)),
      ...(await this.#policySteps(userId, keys, circumstances)),
    ];
    if (permission.endsWith(':own') && request.isKnown) {
      const isOwn = ownerId === null || ownerId === userId;
      const outcome = isOwn ? AccessStepOutcome.ALLOWS : AccessStepOutcome.SAYS_NOTHING;
      steps.push({ ...NOTHING, kind: AccessStepKind.OWNERSHIP, outcome, permission });
    }
    return { ...decide({ ...request, scopes: null }), steps };
  }

  async #roleSteps(userId: string, keys: readonly string[]): Promise<AccessStep[]> {
    const rows: { path: string[]; permission: string; expiresAt: Date | null }[] = await this.manager.query(
      `SELECT allowed.permission, given.expires_at AS "expiresAt",
              (SELECT array_agg(way.ancestor_id ORDER BY way.depth) FROM role_closure way
                WHERE way.descendant_id = given.role_id AND way.depth <= heritage.depth) AS path
         FROM user_roles given
         JOIN role_closure heritage ON heritage.descendant_id = given.role_id
         JOIN role_permissions allowed ON allowed.role_id = heritage.ancestor_id
        WHERE given.user_id = $1 AND allowed.permission = ANY($2::text[])
          AND (given.expires_at IS NULL OR given.expires_at > clock_timestamp())
        ORDER BY heritage.depth`,
      [userId, keys],
    );
    const roles = await this.manager.findBy(Role, { id: In([...new Set(rows.flatMap(({ path }) => path))]) });
    const byId = new Map(roles.map((role) => [role.id, role]));
    return rows.map(({ path, permission, expiresAt }) => {
      const [role = null, ...through] = path.flatMap((id) => byId.get(id) ?? []);
      const outcome = AccessStepOutcome.ALLOWS;
      return { ...NOTHING, kind: AccessStepKind.ROLE, outcome, permission, role, through, expiresAt };
    });
  }

  async #directSteps(userId: string, keys: readonly string[]): Promise<AccessStep[]> {
    const rows: { permission: string; effect: AccessEffect; expiresAt: Date | null; hasEnded: boolean }[] =
      await this.manager.query(
        `SELECT permission, effect, expires_at AS "expiresAt",
                coalesce(expires_at <= clock_timestamp(), false) AS "hasEnded"
           FROM user_permissions WHERE user_id = $1 AND permission = ANY($2::text[]) ORDER BY effect`,
        [userId, keys],
      );
    return rows.map(({ permission, effect, expiresAt, hasEnded }) => ({
      ...NOTHING,
      kind: AccessStepKind.DIRECT,
      outcome: hasEnded ? AccessStepOutcome.SAYS_NOTHING : outcomeOf(effect),
      permission,
      expiresAt,
    }));
  }

  async #policySteps(userId: string, keys: readonly string[], circumstances: Circumstances): Promise<AccessStep[]> {
    const rows: { readonly id: string }[] = await this.manager.query(
      `SELECT id FROM policies
        WHERE permission = ANY($2::text[])
          AND (role_id IS NULL OR EXISTS (
            SELECT FROM user_roles given JOIN role_closure ON descendant_id = given.role_id
             WHERE given.user_id = $1 AND ancestor_id = policies.role_id
               AND (given.expires_at IS NULL OR given.expires_at > clock_timestamp())))`,
      [userId, keys],
    );
    const policies = await this.manager.find(Policy, {
      where: { id: In(rows.map(({ id }) => id)) },
      order: { name: 'ASC' },
    });
    return policies.map((policy) => {
      const { permission, expiresAt } = policy;
      const condition = judge(policy, circumstances);
      const outcome = policyOutcome(policy, condition, circumstances.now);
      return { ...NOTHING, kind: AccessStepKind.POLICY, outcome, permission, policy, condition, expiresAt };
    });
  }
}

function outcomeOf(effect: AccessEffect): AccessStepOutcome {
  return effect === AccessEffect.ALLOW ? AccessStepOutcome.ALLOWS : AccessStepOutcome.DENIES;
}

function policyOutcome({ effect, enabled, expiresAt }: Policy, condition: ConditionOutcome, now: Date) {
  const isOver = expiresAt !== null && expiresAt <= now;
  const applies =
    condition === ConditionOutcome.HOLDS || (condition === ConditionOutcome.UNKNOWN && effect === AccessEffect.DENY);
  return enabled && !isOver && applies ? outcomeOf(effect) : AccessStepOutcome.SAYS_NOTHING;
}

/** Asks the engine that decides: what holds gives when it gives; what does not hold takes nothing when it takes. */
function judge({ id, condition, permission }: Policy, circumstances: Circumstances): ConditionOutcome {
  const holds = (effect: 'allow' | 'deny'): boolean => {
    const rules = [{ id, effect, permission, condition }];
    const permissions = effect === 'allow' ? [] : [permission];
    return permissionsNow({ permissions, expiries: {}, rules, version: 0 }, circumstances).includes(permission);
  };
  if (holds('allow')) return ConditionOutcome.HOLDS;
  return holds('deny') ? ConditionOutcome.FAILS : ConditionOutcome.UNKNOWN;
}

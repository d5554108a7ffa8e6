import { permissionsNow } from '@orion/platform/access';
import type { AccessRule, Circumstances } from '@orion/platform/access';
import { badUserInput } from '@orion/platform/errors';
import type { Viewer } from '@orion/platform/identity';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { parsePermission, permissionKey } from './permission-key.js';
import type { UserAccess } from './permission.service.js';

/** Why something is allowed or not. */
export enum DecisionReason {
  GRANTED = 'GRANTED',
  GRANTED_BY_POLICY = 'GRANTED_BY_POLICY',
  OWNER = 'OWNER',
  NOT_OWNER = 'NOT_OWNER',
  NOT_GRANTED = 'NOT_GRANTED',
  DENIED = 'DENIED',
  DENIED_BY_POLICY = 'DENIED_BY_POLICY',
  CONDITION_NOT_MET = 'CONDITION_NOT_MET',
  OUT_OF_SCOPE = 'OUT_OF_SCOPE',
  UNKNOWN_PERMISSION = 'UNKNOWN_PERMISSION',
}
registerEnumType(DecisionReason, {
  name: 'DecisionReason',
  description: 'Why something is allowed or not.',
  valuesConfig: {
    GRANTED: { description: 'Allowed: a role or a direct grant gives it.' },
    GRANTED_BY_POLICY: { description: 'Allowed: a policy gives it, and its condition holds now.' },
    OWNER: { description: 'Allowed: it is your own.' },
    NOT_OWNER: { description: 'Not allowed: it belongs to somebody else.' },
    NOT_GRANTED: { description: 'Not allowed: nothing gives it.' },
    DENIED: { description: 'Not allowed: it was denied to the user, whatever gives it.' },
    DENIED_BY_POLICY: { description: 'Not allowed: a policy denies it now, whatever gives it.' },
    CONDITION_NOT_MET: { description: 'Not allowed: a policy would give it, and its condition does not hold now.' },
    OUT_OF_SCOPE: { description: 'Not allowed: the API key was not given it.' },
    UNKNOWN_PERMISSION: { description: 'Not allowed: there is no such permission.' },
  },
});

@ObjectType({ description: 'Whether something is allowed, and why.' })
export class Decision {
  @Field(() => Boolean, { description: 'Whether it is allowed.' })
  readonly allowed!: boolean;

  @Field(() => DecisionReason, { description: 'Why.' })
  readonly reason!: DecisionReason;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Until when it is granted; null when that does not end by itself, or when it is not granted.',
  })
  readonly expiresAt!: Date | null;
}

/** A question to decide. */
export interface DecisionRequest {
  readonly permission: string;
  readonly userId: string;
  /** User who owns what it is about; null for the user's own. */
  readonly ownerId: string | null;
  readonly access: UserAccess;
  readonly circumstances: Circumstances;
  /** Whether there is such a permission: what there is not is nobody's, not even the owner's. */
  readonly isKnown: boolean;
  /** What an API key was given, when one asks; null for a person. */
  readonly scopes: readonly string[] | null;
}

/** The permissions that would do, the widest first. Throws BAD_USER_INPUT for what is no permission. */
export function sufficientKeys(permission: string): readonly [widest: string, ...string[]] {
  const parts = parsePermission(permission);
  if (parts === null) throw badUserInput('permission must be resource:action:scope with scope own, team or any.');
  const any = permissionKey(parts, 'any');
  return parts.scope === 'team' ? [any, permission] : [any];
}

/**
 * Decides as the guards of all subgraphs do: what is not granted is denied, what is denied is denied whatever grants
 * it, a wider scope includes the narrower ones, and everybody may do with their own what the scope `own` names.
 * Throws BAD_USER_INPUT for what is no permission.
 */
export function decide(request: DecisionRequest): Decision {
  const { permission, userId, ownerId, access, circumstances, isKnown, scopes } = request;
  const keys = sufficientKeys(permission);
  if (!isKnown) return refused(DecisionReason.UNKNOWN_PERMISSION);
  const isOwn = permission.endsWith(':own');
  const inScope = (key: string): boolean => scopes === null || scopes.includes(key);
  const held = new Set(permissionsNow(access.grants, circumstances));
  const key = keys.find((one) => held.has(one));
  if (key !== undefined && inScope(key)) return allowedBy(key, request);
  if (isOwn && (ownerId === null || ownerId === userId)) {
    const isGiven = inScope(permission) || keys.some(inScope);
    return isGiven
      ? { allowed: true, reason: DecisionReason.OWNER, expiresAt: null }
      : refused(DecisionReason.OUT_OF_SCOPE);
  }
  if (key !== undefined) return refused(DecisionReason.OUT_OF_SCOPE);
  return refused(reasonAgainst(keys, isOwn, request));
}

/** What an API key was given; null for a session, which may do all that its person may. */
export function scopesOf({ kind, permissions }: Viewer): readonly string[] | null {
  return kind === 'api-key' ? permissions : null;
}

function refused(reason: DecisionReason): Decision {
  return { allowed: false, reason, expiresAt: null };
}

function allowedBy(key: string, { access: { grants }, circumstances }: DecisionRequest): Decision {
  const isUnconditional = permissionsNow({ ...grants, rules: [] }, circumstances).includes(key);
  const end = grants.expiries[key];
  return isUnconditional
    ? { allowed: true, reason: DecisionReason.GRANTED, expiresAt: end === undefined ? null : new Date(end * 1_000) }
    : { allowed: true, reason: DecisionReason.GRANTED_BY_POLICY, expiresAt: null };
}

function reasonAgainst(
  keys: readonly string[],
  isOwn: boolean,
  { access: { sources, grants }, circumstances }: DecisionRequest,
): DecisionReason {
  if (sources.denials.some(({ permission }) => keys.includes(permission))) return DecisionReason.DENIED;
  const isOf = (effect: AccessRule['effect']) => (rule: AccessRule) =>
    rule.effect === effect && keys.includes(rule.permission);
  const withoutDenials = { ...grants, rules: grants.rules.filter(({ effect }) => effect === 'allow') };
  if (permissionsNow(withoutDenials, circumstances).some((one) => keys.includes(one)))
    return DecisionReason.DENIED_BY_POLICY;
  if (grants.rules.some(isOf('allow'))) return DecisionReason.CONDITION_NOT_MET;
  return isOwn ? DecisionReason.NOT_OWNER : DecisionReason.NOT_GRANTED;
}

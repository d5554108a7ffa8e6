import { badUserInput } from '@orion/platform/errors';
import { Field, ObjectType, registerEnumType } from 'type-graphql';

/** Why something is allowed or not. */
export enum DecisionReason {
  GRANTED = 'GRANTED',
  OWNER = 'OWNER',
  NOT_OWNER = 'NOT_OWNER',
  NOT_GRANTED = 'NOT_GRANTED',
}
registerEnumType(DecisionReason, {
  name: 'DecisionReason',
  description: 'Why something is allowed or not.',
  valuesConfig: {
    GRANTED: { description: 'Allowed: one of your roles grants it.' },
    OWNER: { description: 'Allowed: it is your own.' },
    NOT_OWNER: { description: 'Not allowed: it belongs to somebody else.' },
    NOT_GRANTED: { description: 'Not allowed: none of your roles grants it.' },
  },
});

@ObjectType({ description: 'Whether something is allowed, and why.' })
export class Decision {
  @Field(() => Boolean, { description: 'Whether it is allowed.' })
  readonly allowed!: boolean;

  @Field(() => DecisionReason, { description: 'Why.' })
  readonly reason!: DecisionReason;
}

const PERMISSION = /^([a-z][a-z0-9-]*:[a-z-]+):(own|team|any)$/;

/** A question to decide. */
export interface DecisionRequest {
  readonly permission: string;
  readonly viewerId: string;
  /** User who owns what it is about; null for the viewer's own. */
  readonly ownerId: string | null;
  /** Permissions that the viewer holds. */
  readonly held: readonly string[];
  /** Permissions that some role grants: what none does is nobody's, not even the owner's. */
  readonly known: ReadonlySet<string>;
}

/**
 * Decides as the guards of all subgraphs do: what is not granted is denied, a wider scope includes the narrower ones,
 * and everybody may do with their own what the scope `own` names. Throws BAD_USER_INPUT for what is no permission.
 */
export function decide({ permission, viewerId, ownerId, held, known }: DecisionRequest): Decision {
  const [, action, scope = ''] = PERMISSION.exec(permission) ?? [];
  if (action === undefined) throw badUserInput('permission must be resource:action:scope with scope own, team or any.');
  const isOwn = ownerId === null || ownerId === viewerId;
  const scopes = scope === 'team' ? ['team', 'any'] : ['any'];
  if (scopes.some((wider) => held.includes(`${action}:${wider}`)))
    return { allowed: true, reason: DecisionReason.GRANTED };
  if (scope !== 'own' || !known.has(`${action}:any`)) return { allowed: false, reason: DecisionReason.NOT_GRANTED };
  return isOwn ? { allowed: true, reason: DecisionReason.OWNER } : { allowed: false, reason: DecisionReason.NOT_OWNER };
}

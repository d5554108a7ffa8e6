import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Policy } from '../policy/policy.entity.js';
import { Role } from '../role/role.entity.js';
import { Decision, DecisionReason } from './decision.js';

/** What a step of a decision looked at. */
export enum AccessStepKind {
  ROLE = 'ROLE',
  DIRECT = 'DIRECT',
  POLICY = 'POLICY',
  OWNERSHIP = 'OWNERSHIP',
}
registerEnumType(AccessStepKind, {
  name: 'AccessStepKind',
  description: 'What a step of a decision looked at.',
  valuesConfig: {
    ROLE: { description: 'A role of the user.' },
    DIRECT: { description: 'A direct grant or denial.' },
    POLICY: { description: 'A policy that concerns the user.' },
    OWNERSHIP: { description: "Whether it is the user's own." },
  },
});

/** What a step of a decision came to. */
export enum AccessStepOutcome {
  ALLOWS = 'ALLOWS',
  DENIES = 'DENIES',
  SAYS_NOTHING = 'SAYS_NOTHING',
}
registerEnumType(AccessStepOutcome, {
  name: 'AccessStepOutcome',
  description: 'What a step of a decision came to. One that denies outweighs all that allow.',
  valuesConfig: {
    ALLOWS: { description: 'It allows.' },
    DENIES: { description: 'It denies.' },
    SAYS_NOTHING: { description: 'It says nothing: it is switched off, or has ended, or its condition does not hold.' },
  },
});

/** Whether the condition of a policy holds. */
export enum ConditionOutcome {
  HOLDS = 'HOLDS',
  FAILS = 'FAILS',
  UNKNOWN = 'UNKNOWN',
}
registerEnumType(ConditionOutcome, {
  name: 'ConditionOutcome',
  description: 'Whether the condition of a policy holds.',
  valuesConfig: {
    HOLDS: { description: 'It holds.' },
    FAILS: { description: 'It does not hold.' },
    UNKNOWN: { description: 'It cannot be judged: then a policy that gives says nothing, and one that takes denies.' },
  },
});

@ObjectType({ description: 'A step of a decision.' })
export class AccessStep {
  @Field(() => AccessStepKind, { description: 'What it looked at.' })
  readonly kind!: AccessStepKind;

  @Field(() => AccessStepOutcome, { description: 'What it came to.' })
  readonly outcome!: AccessStepOutcome;

  @Field(() => ID, { description: 'The permission that it is about: the one asked for, or a wider one.' })
  readonly permission!: string;

  @Field(() => Role, { nullable: true, description: 'The role that the user has; null in other steps.' })
  readonly role!: Role | null;

  @Field(() => [Role], {
    description: 'The roles by way of which the role allows it, nearest first; empty when it does by itself.',
  })
  readonly through!: Role[];

  @Field(() => Policy, { nullable: true, description: 'The policy; null in other steps.' })
  readonly policy!: Policy | null;

  @Field(() => ConditionOutcome, { nullable: true, description: 'Whether its condition holds; null without a policy.' })
  readonly condition!: ConditionOutcome | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Until when; null when it does not end by itself.' })
  readonly expiresAt!: Date | null;
}

@ObjectType({ description: 'Whether somebody may do something, and all that led to it.' })
export class DecisionTrace implements Decision {
  @Field(() => Boolean, { description: 'Whether it is allowed.' })
  readonly allowed!: boolean;

  @Field(() => DecisionReason, { description: 'Why.' })
  readonly reason!: DecisionReason;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Until when it is granted; null when that does not end.',
  })
  readonly expiresAt!: Date | null;

  @Field(() => [AccessStep], { description: 'What was looked at: roles, direct grants and denials, policies.' })
  readonly steps!: AccessStep[];
}

@InputType({ description: 'A request to imagine, for the conditions of policies. What is left out is not known.' })
export class AccessCircumstancesInput {
  @Field(() => String, { nullable: true, description: 'Address of the client.' })
  readonly ip?: string | null;

  @Field(() => String, { nullable: true, description: 'What the client calls itself.' })
  readonly userAgent?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'How the user signed in, for instance pwd and otp (RFC 8176).',
  })
  readonly methods?: string[] | null;

  @Field(() => Int, { nullable: true, description: 'Seconds since the user signed in; very long ago when left out.' })
  readonly secondsSinceSignIn?: number | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When; now when left out.' })
  readonly at?: Date | null;
}

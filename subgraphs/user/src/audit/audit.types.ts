import { PageArgs } from '@orion/platform/pagination';
import { GraphQLDateTime } from 'graphql-scalars';
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { AuditOutcome } from './audit-log.entity.js';

@InputType({ description: 'Which records of the audit log to list. Conditions are joined by AND.' })
export class AuditLogFilter {
  @Field(() => ID, { nullable: true, description: 'Only what this user did.' })
  readonly actorId?: string | null;

  @Field(() => String, { nullable: true, description: 'Only this action, for instance dead_letter.discard.' })
  readonly action?: string | null;

  @Field(() => AuditOutcome, { nullable: true, description: 'Only what had this outcome.' })
  readonly outcome?: AuditOutcome | null;

  @Field(() => String, { nullable: true, description: 'Only what was done to targets of this kind.' })
  readonly targetType?: string | null;

  @Field(() => String, { nullable: true, description: 'Only what was done to the target with this id.' })
  readonly targetId?: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Only what happened at this time or later.' })
  readonly occurredAfter?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Only what happened before this time.' })
  readonly occurredBefore?: Date | null;
}

/** Arguments of `auditLogs`. */
@ArgsType()
export class AuditLogListArgs extends PageArgs {
  @Field(() => AuditLogFilter, { nullable: true, description: 'Which ones; all when left out.' })
  readonly filter?: AuditLogFilter | null;
}

@InputType({ description: 'A record as it was seen earlier, noted where the database cannot reach it.' })
export class AuditAnchorInput {
  @Field(() => Int, { description: 'Its place in the log.' })
  readonly sequence!: number;

  @Field(() => String, { description: 'Its hash, 64 hex digits.' })
  readonly hash!: string;
}

/** What is wrong with a log. */
export enum AuditFaultKind {
  RECORD_CHANGED = 'RECORD_CHANGED',
  RECORD_MISSING = 'RECORD_MISSING',
  CLIENT_CHANGED = 'CLIENT_CHANGED',
  ANCHOR_DIFFERS = 'ANCHOR_DIFFERS',
}
registerEnumType(AuditFaultKind, {
  name: 'AuditFaultKind',
  description: 'What is wrong with an audit log.',
  valuesConfig: {
    RECORD_CHANGED: { description: 'A record does not say any more what it said when it was written.' },
    RECORD_MISSING: { description: 'A record was taken out.' },
    CLIENT_CHANGED: { description: 'The address or program that goes with a record was changed.' },
    ANCHOR_DIFFERS: { description: 'The log is consistent, but not the one that was seen earlier: it was rewritten.' },
  },
});

@ObjectType({ description: 'The first place where an audit log is broken.' })
export class AuditFault {
  @Field(() => AuditFaultKind, { description: 'What is wrong.' })
  readonly kind!: AuditFaultKind;

  @Field(() => Int, { description: 'Place in the log.' })
  readonly sequence!: number;

  @Field(() => ID, { nullable: true, description: 'Id of the record; null when it is missing.' })
  readonly recordId!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Day (UTC) on which it was recorded, for instance 2030-01-31; null when it is missing at the end, where no day is known.',
  })
  readonly day!: string | null;

  @Field(() => String, { description: 'The same in words.' })
  readonly message!: string;
}

@ObjectType({ description: 'What checking the audit log brought to light.' })
export class AuditVerification {
  @Field(() => Boolean, { description: 'Whether every record is as it was written and none is missing.' })
  readonly isIntact!: boolean;

  @Field(() => Int, { description: 'How many records were found in order before the first fault.' })
  readonly checked!: number;

  @Field(() => AuditFault, { nullable: true, description: 'The first fault; null when there is none.' })
  readonly firstFault!: AuditFault | null;

  @Field(() => Int, { description: 'Place of the last record; 0 when the log is empty.' })
  readonly lastSequence!: number;

  @Field(() => String, {
    description:
      'Hash of the last record. Noted elsewhere, it proves later, as `anchor`, that nothing up to here was rewritten.',
  })
  readonly lastHash!: string;
}

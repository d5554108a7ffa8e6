import { createConnectionType } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Who acted. */
export enum AuditActorType {
  USER = 'USER',
  SERVICE = 'SERVICE',
  SYSTEM = 'SYSTEM',
}
registerEnumType(AuditActorType, {
  name: 'AuditActorType',
  description: 'What kind of actor did something.',
  valuesConfig: {
    USER: { description: 'A person.' },
    SERVICE: { description: 'A program under a name of its own.' },
    SYSTEM: { description: 'The platform itself.' },
  },
});

/** What became of an action. */
export enum AuditOutcome {
  SUCCESS = 'SUCCESS',
  FAILURE = 'FAILURE',
  DENIED = 'DENIED',
}
registerEnumType(AuditOutcome, {
  name: 'AuditOutcome',
  description: 'What became of an action.',
  valuesConfig: {
    SUCCESS: { description: 'It was done.' },
    FAILURE: { description: 'It could not be done.' },
    DENIED: { description: 'The actor was not allowed to.' },
  },
});

@ObjectType({ description: 'What something was done to.' })
export class AuditTarget {
  @Field(() => String, { description: 'Its kind, for instance event or user.' })
  readonly type!: string;

  @Field(() => String, { description: 'Its id.' })
  readonly id!: string;
}

@Entity('audit_logs')
@ObjectType({ description: 'Something that happened and that somebody may have to account for. It never changes.' })
export class AuditLog {
  @Field(() => ID, { description: 'UUID.' })
  @PrimaryColumn('uuid')
  id!: string;

  /** As text because it is a bigint. */
  @Field(() => Int, { description: 'Place in the log: 1 for the first record, without gaps.' })
  @Column('bigint')
  sequence!: string;

  @Field(() => GraphQLDateTime, { description: 'When it happened.' })
  @Column('timestamptz')
  occurredAt!: Date;

  @Field(() => GraphQLDateTime, { description: 'When it came into the log.' })
  @Column('timestamptz')
  recordedAt!: Date;

  @Field(() => AuditActorType, { description: 'What kind of actor did it.' })
  @Column('text')
  actorType!: AuditActorType;

  /** The fields `actor` and `actorName` show it. */
  @Column('text', { nullable: true })
  actorId!: string | null;

  @Field(() => String, { description: 'What was done, for instance dead_letter.discard.' })
  @Column('text')
  action!: string;

  @Field(() => AuditOutcome, { description: 'What became of it.' })
  @Column('text')
  outcome!: AuditOutcome;

  @Field(() => [AuditTarget], { description: 'What it was done to, the foremost first.' })
  @Column('jsonb')
  targets!: AuditTarget[];

  @Field(() => String, { description: 'Service that told it, for instance notification.' })
  @Column('text')
  service!: string;

  @Field(() => String, { nullable: true, description: 'Why, in the words of the actor; null when none were given.' })
  @Column('text', { nullable: true })
  reason!: string | null;

  @Field(() => String, { description: 'Id of the request or event that caused it.' })
  @Column('text')
  requestId!: string;

  @Field(() => String, { description: 'Id of the undertaking that it was part of.' })
  @Column('text')
  correlationId!: string;

  @Field(() => GraphQLJSON, { description: 'What else is to be known of this action, as an object.' })
  @Column('jsonb')
  details!: Record<string, unknown>;

  @Column('text', { nullable: true })
  clientDigest!: string | null;

  @Field(() => String, { description: 'Hash of the record before this one; 64 zeros for the first.' })
  @Column('text')
  previousHash!: string;

  @Field(() => String, { description: 'SHA-256, in hex, over the hash before it and what this record says.' })
  @Column('text')
  hash!: string;
}

export const AuditLogConnection = createConnectionType(AuditLog, 'AuditLog');
export type AuditLogConnection = Connection<AuditLog>;

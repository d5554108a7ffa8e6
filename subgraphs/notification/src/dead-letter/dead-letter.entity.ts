import { createConnectionType } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
import { GraphQLDateTime } from 'graphql-scalars';
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Where a dead letter is. */
export enum DeadLetterState {
  DEAD = 'DEAD',
  REDRIVING = 'REDRIVING',
  EDITING = 'EDITING',
  DISCARDING = 'DISCARDING',
  PROCESSED = 'PROCESSED',
  DISCARDED = 'DISCARDED',
  GONE = 'GONE',
}
registerEnumType(DeadLetterState, {
  name: 'DeadLetterState',
  description: 'Where a dead letter is. An operation is carried out by the service of the group, which answers later.',
  valuesConfig: {
    DEAD: { description: 'Nobody has decided yet.' },
    REDRIVING: { description: 'Was asked to be tried again; has not taken effect, and is not dead again.' },
    EDITING: { description: 'Was given other data; the service has not answered.' },
    DISCARDING: { description: 'Was given up; the service has not answered.' },
    PROCESSED: { description: 'Took effect after it was tried again.' },
    DISCARDED: { description: 'Was given up for good.' },
    GONE: { description: 'The service says that it has no such dead event.' },
  },
});

/** The event as its group was given it, see EventEnvelope. */
export interface DeadEnvelope {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly topic: string;
  readonly key: string;
  readonly time: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly actorId: string | null;
  readonly data?: unknown;
}

@Entity('dead_letters')
@Directive('@key(fields: "id")')
@ObjectType({ description: 'An event that a consumer group of some service gave up on.' })
export class DeadLetter {
  @Field(() => ID, { description: 'UUID of the dead letter, not of the event.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => String, { description: 'Service of the group, for instance analytics.' })
  @Column('text')
  service!: string;

  @Field(() => String, { description: 'Consumer group that gave up.' })
  @Column('text', { name: 'grp' })
  group!: string;

  @Field(() => ID, { description: 'Id of the event.' })
  @Column('uuid')
  eventId!: string;

  @Field(() => String, { description: 'Type of the event, for instance dev.orion.user.created.v1.' })
  @Column('text')
  type!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Id of what the event is about: order holds among events with equal keys. Null when it is not known.',
  })
  @Column('text', { nullable: true })
  key!: string | null;

  @Column('json', { nullable: true })
  envelope!: DeadEnvelope | null;

  @Field(() => String, { description: 'What the last attempt failed with.' })
  @Column('text')
  error!: string;

  @Field(() => Int, { nullable: true, description: 'How often the group tried; null when it is not known.' })
  @Column('int', { nullable: true })
  attempts!: number | null;

  @Field(() => GraphQLDateTime, { description: 'When the group gave up, the last time.' })
  @Column('timestamptz')
  diedAt!: Date;

  @Field(() => DeadLetterState, { description: 'Where it is.' })
  @Column('text')
  state!: DeadLetterState;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description:
      'Since when it is REDRIVING, EDITING or DISCARDING; null in other states. A service that does not answer shows here; half a minute later the operation can be asked for again.',
  })
  @Column('timestamptz', { nullable: true })
  requestedAt!: Date | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When it was PROCESSED, DISCARDED or found GONE; null before.',
  })
  @Column('timestamptz', { nullable: true })
  settledAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'Why it was discarded; null when it was not.' })
  @Column('text', { nullable: true })
  reason!: string | null;

  /** State of the table that the last change made, as text because it is a bigint. */
  @Column('bigint')
  revision!: string;
}

export const DeadLetterConnection = createConnectionType(DeadLetter, 'DeadLetter');
export type DeadLetterConnection = Connection<DeadLetter>;

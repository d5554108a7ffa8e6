import { createConnectionType } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far a replay is. */
export enum EventReplayState {
  REQUESTED = 'REQUESTED',
  FINISHED = 'FINISHED',
  FAILED = 'FAILED',
}
registerEnumType(EventReplayState, {
  name: 'EventReplayState',
  description: 'How far a replay is.',
  valuesConfig: {
    REQUESTED: { description: 'The service of the group was asked and has not said that it is done.' },
    FINISHED: { description: 'The group has read the log again.' },
    FAILED: { description: 'It ended too early, see error.' },
  },
});

@Entity('replay_requests')
@ObjectType({ description: 'That a consumer group was asked to read the log of events again.' })
export class EventReplay {
  @Field(() => ID, { description: 'UUID.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => String, { description: 'The consumer group.' })
  @Column('text', { name: 'grp' })
  group!: string;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Time from which on; null when it was not a time.' })
  @Column('timestamptz', { nullable: true })
  fromTime!: Date | null;

  /** As text because it is a bigint. */
  @Field(() => String, { nullable: true, description: 'Offset from which on; null when it was not an offset.' })
  @Column('bigint', { nullable: true })
  fromOffset!: string | null;

  @Field(() => [String], { nullable: true, description: 'Patterns of the types that are read; null for all.' })
  @Column('text', { array: true, nullable: true })
  types!: string[] | null;

  /** The field `requestedBy` shows the person. */
  @Column('uuid', { name: 'requested_by' })
  requestedById!: string;

  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  @Column('timestamptz')
  requestedAt!: Date;

  @Field(() => String, { nullable: true, description: 'Service that did it; null before the answer.' })
  @Column('text', { nullable: true })
  service!: string | null;

  /** As text because it is a bigint. */
  @Field(() => Int, {
    nullable: true,
    description: 'How many events were new to the group: they took effect or failed now. Null before the answer.',
  })
  @Column('bigint', { nullable: true })
  events!: string | null;

  @Field(() => String, { nullable: true, description: 'What ended it too early; null when nothing did.' })
  @Column('text', { nullable: true })
  error!: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it ended; null before.' })
  @Column('timestamptz', { nullable: true })
  finishedAt!: Date | null;
}

export const EventReplayConnection = createConnectionType(EventReplay, 'EventReplay');
export type EventReplayConnection = Connection<EventReplay>;

import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How an attempt ended. */
export enum AttemptOutcome {
  SENT = 'SENT',
  RETRY = 'RETRY',
  FAILED = 'FAILED',
}
registerEnumType(AttemptOutcome, {
  name: 'AttemptOutcome',
  description: 'How an attempt to deliver a notification ended.',
  valuesConfig: {
    SENT: { description: 'The mail server took it.' },
    RETRY: { description: 'It did not work this time; another attempt follows.' },
    FAILED: { description: 'It did not work, and no other attempt is made.' },
  },
});

@Entity('delivery_attempts')
@ObjectType({ description: 'One attempt to hand a notification to a mail server.' })
export class DeliveryAttempt {
  @PrimaryColumn('uuid')
  mailId!: string;

  @Field(() => Int, { description: '1 for the first.' })
  @PrimaryColumn('int')
  number!: number;

  @Field(() => GraphQLDateTime, { description: 'When it began.' })
  @Column('timestamptz')
  startedAt!: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When it ended; null while it lasts, or when the process that made it died.',
  })
  @Column('timestamptz', { nullable: true })
  finishedAt!: Date | null;

  @Field(() => AttemptOutcome, { nullable: true, description: 'How it ended; null as long as finishedAt is.' })
  @Column('text', { nullable: true })
  outcome!: AttemptOutcome | null;

  @Field(() => String, { nullable: true, description: 'What went wrong; null when nothing did.' })
  @Column('text', { nullable: true })
  error!: string | null;
}

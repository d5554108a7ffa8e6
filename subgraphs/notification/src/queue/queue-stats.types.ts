import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';

/** How urgent a job is. */
export enum JobPriority {
  CRITICAL = 'CRITICAL',
  HIGH = 'HIGH',
  NORMAL = 'NORMAL',
  BULK = 'BULK',
}
registerEnumType(JobPriority, {
  name: 'JobPriority',
  description: 'How urgent a job is.',
  valuesConfig: {
    CRITICAL: { description: 'Before everything else.' },
    HIGH: { description: 'Somebody waits for it.' },
    NORMAL: { description: 'The usual.' },
    BULK: { description: 'A lot of work that can wait.' },
  },
});

@ObjectType({ description: 'The jobs of one kind and priority.' })
export class JobQueueStats {
  @Field(() => String, { description: 'Kind of the jobs, for instance mail.deliver.' })
  readonly kind!: string;

  @Field(() => JobPriority, { description: 'How urgent they are.' })
  readonly priority!: JobPriority;

  @Field(() => Boolean, { description: 'Whether an operator has paused this kind.' })
  readonly isPaused!: boolean;

  @Field(() => Int, { description: 'Those that are due and wait for a worker.' })
  readonly waiting!: number;

  @Field(() => Int, { description: 'Those that a worker is busy with.' })
  readonly running!: number;

  @Field(() => Int, { description: 'Those whose time has not come, or that failed and wait for their next attempt.' })
  readonly delayed!: number;

  @Field(() => Int, { description: 'Those that have used up their attempts.' })
  readonly dead!: number;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Since when the oldest one is due; null when none is.' })
  readonly oldestAt!: Date | null;

  @Field(() => Float, { description: 'How many were finished a minute, on average of the last five.' })
  readonly finishedPerMinute!: number;
}

@ObjectType({ description: 'Events that were published and not yet handed on.' })
export class OutboxStats {
  @Field(() => Int, { description: 'How many; normally none.' })
  readonly depth!: number;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When the oldest was published; null when there is none.',
  })
  readonly oldestAt!: Date | null;
}

@ObjectType({ description: 'How a consumer group keeps up with events.' })
export class ConsumerGroupStats {
  @Field(() => String, { description: 'The group.' })
  readonly group!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'Events that it has not taken yet; null when that cannot be told now.',
  })
  readonly lag!: number | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When the oldest event was recorded that it has not taken yet; null when there is none.',
  })
  readonly lagSince!: Date | null;

  @Field(() => Int, { description: 'Events that failed and wait for their next attempt, or behind one that does.' })
  readonly retrying!: number;

  @Field(() => Int, { description: 'Events that it gave up on, and that no operator has decided about.' })
  readonly dead!: number;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Since when the oldest event that failed waits; null when there is none.',
  })
  readonly oldestParkedAt!: Date | null;
}

@ObjectType({ description: 'What waits and what is in work in one service.' })
export class QueueStats {
  @Field(() => String, { description: 'The service. Each one knows its own; metrics show all.' })
  readonly service!: string;

  @Field(() => [JobQueueStats], { description: 'Its jobs, by kind and priority.' })
  readonly jobs!: JobQueueStats[];

  @Field(() => OutboxStats, { description: 'Its events that are not handed on yet.' })
  readonly outbox!: OutboxStats;

  @Field(() => [ConsumerGroupStats], { description: 'Its consumer groups, by name.' })
  readonly groups!: ConsumerGroupStats[];

  @Field(() => Int, { description: 'Dead letters of all services that nobody has decided about.' })
  readonly deadLetters!: number;
}

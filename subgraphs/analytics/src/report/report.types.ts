import { GraphQLDateTime, GraphQLLocalDate } from 'graphql-scalars';
import { Field, Float, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';

/** Width of the steps of a trend. */
export enum TrendInterval {
  HOUR = 'HOUR',
  DAY = 'DAY',
}
registerEnumType(TrendInterval, {
  name: 'TrendInterval',
  description: 'Width of the steps of a trend.',
  valuesConfig: {
    HOUR: { description: 'An hour.' },
    DAY: { description: 'A day in the time zone: 23 or 25 hours when the clocks change.' },
  },
});

@InputType({ description: 'Which events a trend counts.' })
export class TrendInput {
  @Field(() => String, {
    nullable: true,
    description: 'Name of the event, for instance user.login; all events when left out.',
  })
  readonly name?: string | null;

  @Field(() => GraphQLDateTime, { description: 'From when on, this moment included.' })
  readonly from!: Date;

  @Field(() => GraphQLDateTime, { description: 'Until when, this moment not included.' })
  readonly to!: Date;

  @Field(() => TrendInterval, { defaultValue: TrendInterval.DAY, description: 'Width of the steps.' })
  readonly interval!: TrendInterval;

  @Field(() => String, { defaultValue: 'UTC', description: 'Time zone in which days and hours begin (IANA).' })
  readonly timezone!: string;
}

@ObjectType({ description: 'One step of a trend.' })
export class TrendPoint {
  @Field(() => GraphQLDateTime, { description: 'When the hour or day begins; the first one may begin before `from`.' })
  readonly at!: Date;

  @Field(() => Int, { description: 'How many events, of those between `from` and `to`.' })
  readonly events!: number;

  @Field(() => Int, { description: 'How many different users they are about.' })
  readonly users!: number;
}

@ObjectType({ description: 'How often something happened over time.' })
export class Trend {
  @Field(() => Int, { description: 'How many events in all.' })
  readonly total!: number;

  @Field(() => [TrendPoint], { description: 'The steps in order, none left out.' })
  readonly points!: TrendPoint[];
}

@InputType({ description: 'Which days to count active users on.' })
export class ActiveUsersInput {
  @Field(() => GraphQLDateTime, { description: 'A moment in the first day.' })
  readonly from!: Date;

  @Field(() => GraphQLDateTime, { description: 'The end: the last day is the one in which the moment before lies.' })
  readonly to!: Date;

  @Field(() => String, { defaultValue: 'UTC', description: 'Time zone of the days (IANA).' })
  readonly timezone!: string;
}

@ObjectType({ description: 'How many different users were active.' })
export class ActiveUsersOnDay {
  @Field(() => GraphQLLocalDate, { description: 'The day, YYYY-MM-DD, as a whole.' })
  readonly day!: string;

  @Field(() => Int, { description: 'How many.' })
  readonly users!: number;
}

@ObjectType({ description: 'Different users who did something themselves.' })
export class ActiveUsers {
  @Field(() => [ActiveUsersOnDay], { description: 'On each day.' })
  readonly daily!: ActiveUsersOnDay[];

  @Field(() => [ActiveUsersOnDay], { description: 'In the 7 days that end with each day.' })
  readonly weekly!: ActiveUsersOnDay[];

  @Field(() => [ActiveUsersOnDay], { description: 'In the 30 days that end with each day.' })
  readonly monthly!: ActiveUsersOnDay[];

  @Field(() => Float, {
    nullable: true,
    description: 'Mean of daily divided by mean of monthly, 0 to 1; null when nobody was active.',
  })
  readonly stickiness!: number | null;
}

@ObjectType({ description: 'A kind of event that occurred.' })
export class EventName {
  @Field(() => String, { description: 'Its name, for instance user.login.' })
  readonly name!: string;

  @Field(() => Int, { description: 'How often.' })
  readonly events!: number;

  @Field(() => GraphQLDateTime, { description: 'When last.' })
  readonly lastOccurredAt!: Date;
}

@InputType({ description: 'Which logins to count.' })
export class LoginPatternsInput {
  @Field(() => GraphQLDateTime, { description: 'From when on, this moment included.' })
  readonly from!: Date;

  @Field(() => GraphQLDateTime, { description: 'Until when, this moment not included.' })
  readonly to!: Date;

  @Field(() => String, { defaultValue: 'UTC', description: 'Time zone of hours and weekdays (IANA).' })
  readonly timezone!: string;
}

@ObjectType({ description: 'Logins in one hour of one weekday.' })
export class LoginPattern {
  @Field(() => Int, { description: '1 for Monday to 7 for Sunday (ISO 8601).' })
  readonly weekday!: number;

  @Field(() => Int, { description: 'Hour of the day, 0 to 23.' })
  readonly hour!: number;

  @Field(() => Int, { description: 'How many logins.' })
  readonly logins!: number;
}

@ObjectType({ description: 'How far analytics is behind what happens.' })
export class IngestLag {
  @Field(() => Float, {
    description:
      'Longest time from an event of the platform to its arrival here, of those that arrived in the last 5 minutes; 0 when none did.',
  })
  readonly seconds!: number;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When the latest of these arrived; null when none did.',
  })
  readonly lastReceivedAt!: Date | null;
}

import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { UserError } from '../user-error.js';

/** What became of an event that was sent. */
export enum TrackStatus {
  ACCEPTED = 'ACCEPTED',
  DUPLICATE = 'DUPLICATE',
  REJECTED = 'REJECTED',
}
registerEnumType(TrackStatus, {
  name: 'TrackStatus',
  description: 'What became of an event that was sent.',
  valuesConfig: {
    ACCEPTED: { description: 'It is stored.' },
    DUPLICATE: { description: 'You sent an event with this id before; that one counts.' },
    REJECTED: { description: 'It is not stored; `reason` says why. To send it again unchanged is of no use.' },
  },
});

/** Why an event was rejected. */
export enum TrackRejection {
  ID_INVALID = 'ID_INVALID',
  NAME_INVALID = 'NAME_INVALID',
  NAME_RESERVED = 'NAME_RESERVED',
  OCCURRED_AT_OUT_OF_RANGE = 'OCCURRED_AT_OUT_OF_RANGE',
  ANONYMOUS_ID_INVALID = 'ANONYMOUS_ID_INVALID',
  PROPERTIES_INVALID = 'PROPERTIES_INVALID',
  PROPERTIES_TOO_LARGE = 'PROPERTIES_TOO_LARGE',
}
registerEnumType(TrackRejection, {
  name: 'TrackRejection',
  description: 'Why an event was rejected.',
  valuesConfig: {
    ID_INVALID: { description: 'An id has 1 to 100 characters.' },
    NAME_INVALID: {
      description:
        'A name is up to four words of lower-case letters, digits and underscores, joined by dots: checkout.paid.',
    },
    NAME_RESERVED: {
      description:
        'Names that begin like those of the events of the platform, for instance user., are not for clients.',
    },
    OCCURRED_AT_OUT_OF_RANGE: {
      description: 'It must have happened within the last 7 days, and not more than 5 minutes in the future.',
    },
    ANONYMOUS_ID_INVALID: { description: 'An anonymous id has 1 to 100 characters.' },
    PROPERTIES_INVALID: { description: 'Properties are an object, at most 5 levels deep.' },
    PROPERTIES_TOO_LARGE: { description: 'Properties have at most 8 KiB as JSON.' },
  },
});

@InputType({ description: 'Something that happened in a client.' })
export class TrackedEventInput {
  @Field(() => ID, { description: 'Your id for it, for instance a UUID: an event that is sent again counts once.' })
  readonly id!: string;

  @Field(() => String, { description: 'What happened, for instance checkout.paid.' })
  readonly name!: string;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it happened; now when left out.' })
  readonly occurredAt?: Date | null;

  @Field(() => String, { nullable: true, description: 'Id that you gave to this visitor before they signed in.' })
  readonly anonymousId?: string | null;

  @Field(() => GraphQLJSON, {
    nullable: true,
    description:
      'An object with more about it. What looks like a secret or contact data by its name (password, token, email, phone, ip) is not kept.',
  })
  readonly properties?: unknown;
}

@InputType({ description: 'Events to store.' })
export class TrackEventsInput {
  @Field(() => [TrackedEventInput], { description: 'At most 500.' })
  readonly events!: TrackedEventInput[];
}

@ObjectType({ description: 'What became of one event.' })
export class TrackResult {
  @Field(() => Int, { description: 'Its place in the input, from 0.' })
  readonly index!: number;

  @Field(() => ID, { description: 'Its id, as you sent it.' })
  readonly id!: string;

  @Field(() => TrackStatus, { description: 'What became of it.' })
  readonly status!: TrackStatus;

  @Field(() => TrackRejection, { nullable: true, description: 'Why it was rejected; null when it was not.' })
  readonly reason!: TrackRejection | null;
}

@ObjectType({ description: 'What became of the events, or why none was looked at.' })
export class TrackEventsPayload {
  @Field(() => [TrackResult], { description: 'One for each event, in the same order; empty when none was looked at.' })
  readonly results!: TrackResult[];

  @Field(() => [UserError], { description: 'Why none was looked at.' })
  readonly userErrors!: UserError[];
}

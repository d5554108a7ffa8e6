import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';

/** What an operator wants to be done with a dead letter. */
export enum DeadLetterOperationKind {
  REDRIVE = 'REDRIVE',
  EDIT = 'EDIT',
  DISCARD = 'DISCARD',
}
registerEnumType(DeadLetterOperationKind, {
  name: 'DeadLetterOperationKind',
  description: 'What an operator wants to be done with a dead letter.',
  valuesConfig: {
    REDRIVE: { description: 'Try it again, with all its attempts.' },
    EDIT: { description: 'Give it other data, and perhaps try it again.' },
    DISCARD: { description: 'Give it up for good.' },
  },
});

/** What the service of the group made of an operation. */
export enum DeadLetterOutcome {
  REDRIVEN = 'REDRIVEN',
  EDITED = 'EDITED',
  DISCARDED = 'DISCARDED',
  PROCESSED = 'PROCESSED',
  DIED_AGAIN = 'DIED_AGAIN',
  REFUSED = 'REFUSED',
  GONE = 'GONE',
}
registerEnumType(DeadLetterOutcome, {
  name: 'DeadLetterOutcome',
  description: 'What the service of the group made of an operation.',
  valuesConfig: {
    REDRIVEN: { description: 'It waits for its next attempt.' },
    EDITED: { description: 'It has the other data and is still dead.' },
    DISCARDED: { description: 'It will not take effect.' },
    PROCESSED: { description: 'It took effect.' },
    DIED_AGAIN: { description: 'It was tried again, and the group gave up again.' },
    REFUSED: { description: 'The service did not carry it out.' },
    GONE: { description: 'The service has no such dead event.' },
  },
});

@ObjectType({ description: 'That somebody wanted something to be done with a dead letter, and what became of it.' })
export class DeadLetterOperation {
  @Field(() => ID, { description: 'UUID.' })
  readonly id!: string;

  readonly deadLetterId!: string;

  @Field(() => DeadLetterOperationKind, { description: 'What was asked for.' })
  readonly kind!: DeadLetterOperationKind;

  /** The field `requestedBy` shows the person. */
  readonly requestedById!: string;

  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  readonly requestedAt!: Date;

  @Field(() => String, {
    nullable: true,
    description: 'Why, in the words of the operator, or of the service that refused.',
  })
  readonly reason!: string | null;

  @Field(() => GraphQLJSON, { nullable: true, description: 'The data that an EDIT puts in place; null for others.' })
  readonly data!: unknown;

  @Field(() => DeadLetterOutcome, { nullable: true, description: 'What became of it; null before the answer.' })
  readonly outcome!: DeadLetterOutcome | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When the service did it; null before the answer.' })
  readonly settledAt!: Date | null;
}

import { Auth } from '@orion/platform/subgraph';
import { GraphQLJSON } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';
import { DeadLetter } from './dead-letter.entity.js';
import { DeadLetterFilter } from './dead-letter.types.js';

/** Which dead letters a mutation is about: exactly one of ids, filter and all. */
@InputType()
abstract class DeadLetterSelectionInput {
  @Field(() => [ID], { nullable: true, description: 'These dead letters, 1 to 100.' })
  readonly ids?: string[] | null;

  @Field(() => DeadLetterFilter, {
    nullable: true,
    description: 'Those that meet at least one condition set here. Without `state`: those that can be operated on.',
  })
  readonly filter?: DeadLetterFilter | null;

  @Field(() => Boolean, { defaultValue: false, description: 'All that can be operated on.' })
  readonly all!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'True to count and look only: nothing happens, and nobody is told.',
  })
  readonly dryRun!: boolean;
}

@InputType({ description: 'Dead letters to be tried again. Say exactly one of ids, filter and all.' })
export class RedriveDeadLettersInput extends DeadLetterSelectionInput {}

@InputType({ description: 'Dead letters to give up for good. Say exactly one of ids, filter and all.' })
export class DiscardDeadLettersInput extends DeadLetterSelectionInput {
  @Field(() => String, { description: 'Why, 1 to 1000 characters.' })
  readonly reason!: string;
}

@InputType({ description: 'Other data for a dead event.' })
export class EditDeadLetterInput {
  @Field(() => ID, { description: 'UUID of the dead letter.' })
  readonly id!: string;

  @Field(() => GraphQLJSON, { description: 'All of its data, in place of what it says now.' })
  readonly data!: unknown;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether to try it again at once.' })
  readonly redrive!: boolean;
}

/** What operations on several dead letters answer. */
@ObjectType()
abstract class DeadLettersPayload {
  @Field(() => Int, { description: 'How many dead letters the selection means.' })
  readonly matched!: number;

  @Field(() => Int, {
    description:
      'How many of them the operation was accepted for: their services are asked, and their state tells the outcome. At most 10000 at once: ask again for the rest. In a dry run: how many it would be.',
  })
  readonly accepted!: number;

  @Auth('deadletter:read:any')
  @Field(() => [DeadLetter], {
    nullable: true,
    description: 'The first 100 of those that were accepted, as they are now.',
  })
  readonly deadLetters!: DeadLetter[];

  @Field(() => [UserError], { description: 'Why dead letters were not accepted; empty when all were.' })
  readonly userErrors!: UserError[];
}

@ObjectType({ description: 'The answer to trying dead letters again.' })
export class RedriveDeadLettersPayload extends DeadLettersPayload {}

@ObjectType({ description: 'The answer to giving dead letters up.' })
export class DiscardDeadLettersPayload extends DeadLettersPayload {}

@ObjectType({ description: 'The answer to giving a dead event other data.' })
export class EditDeadLetterPayload {
  @Auth('deadletter:read:any')
  @Field(() => DeadLetter, {
    nullable: true,
    description:
      'The dead letter as it is now: it shows the new data when its service has put it in place. Null when refused.',
  })
  readonly deadLetter!: DeadLetter | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when accepted.' })
  readonly userErrors!: UserError[];
}

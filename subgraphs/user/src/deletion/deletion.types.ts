import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';

@ObjectType({ description: 'When your account will be deleted, or why it will not.' })
export class RequestAccountDeletionPayload {
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When it is deleted, unless you cancel before; null when refused.',
  })
  readonly dueAt!: Date | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it will be deleted.' })
  readonly userErrors!: UserError[];
}

@ObjectType({ description: 'Whether your account stays.' })
export class CancelAccountDeletionPayload {
  @Field(() => Boolean, { description: 'True when it was to be deleted and is not any more.' })
  readonly cancelled!: boolean;

  @Field(() => [UserError], { description: 'Why there was nothing to cancel; empty when cancelled.' })
  readonly userErrors!: UserError[];
}

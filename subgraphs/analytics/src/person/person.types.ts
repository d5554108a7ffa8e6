import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';

@InputType({ description: 'Whose data is to be deleted.' })
export class DeletePersonDataInput {
  @Field(() => ID, { description: 'Id of the person.' })
  readonly userId!: string;

  @Field(() => String, { nullable: true, description: 'Why, for the audit log; at most 500 characters.' })
  readonly reason?: string | null;
}

@ObjectType({ description: 'What was deleted.' })
export class DeletePersonDataPayload {
  @Field(() => Int, { nullable: true, description: 'How many events belong to nobody now; null when refused.' })
  readonly forgottenEvents!: number | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when done.' })
  readonly userErrors!: UserError[];
}

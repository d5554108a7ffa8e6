import { Field, InputType } from 'type-graphql';

@InputType({ description: 'Who wants to sign in.' })
export class LoginInput {
  @Field(() => String, { description: 'E-mail address of the account.' })
  readonly email!: string;

  @Field(() => String, { description: 'Its password.' })
  readonly password!: string;

  @Field(() => String, { nullable: true, description: 'The deviceToken of an earlier login on this device.' })
  readonly deviceToken?: string | null;
}

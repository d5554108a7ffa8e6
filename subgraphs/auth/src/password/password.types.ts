import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';

@ObjectType('PasswordPolicy', {
  description: 'Which passwords are accepted. There are no rules of which characters to use.',
})
export class PasswordRules {
  @Field(() => Int, { description: 'Fewest characters (Unicode code points, after NFC).' })
  readonly minLength!: number;

  @Field(() => Int, { description: 'Most characters.' })
  readonly maxLength!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Most bytes of UTF-8, when that can be less than maxLength characters; null when it cannot.',
  })
  readonly maxBytes!: number | null;

  @Field(() => Int, { description: 'How many passwords that are known from leaks are refused, at least.' })
  readonly knownFromLeaks!: number;
}

@InputType({ description: 'A password to change.' })
export class ChangePasswordInput {
  @Field(() => String, {
    nullable: true,
    description: 'Your password until now; leave it out when your account has none.',
  })
  readonly currentPassword?: string | null;

  @Field(() => String, { description: 'Your password from now on.' })
  readonly newPassword!: string;
}

@ObjectType({ description: 'The answer to a change of password.' })
export class ChangePasswordPayload {
  @Field(() => Boolean, { description: 'True when the new password counts. All your other sessions have ended then.' })
  readonly changed!: boolean;

  @Field(() => [UserError], { description: 'What to correct; empty when changed.' })
  readonly userErrors!: UserError[];
}

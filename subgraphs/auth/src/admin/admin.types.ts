import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { User } from '../account/user.stub.js';
import { UserError } from '../user-error.js';

/** What every mutation of an operator takes. */
@InputType({ description: 'Somebody, and why.' })
export abstract class AdminUserInput {
  @Field(() => ID, { description: 'UUID of the person.' })
  readonly userId!: string;

  @Field(() => String, { description: 'Why, for the audit log: at most 500 characters.' })
  readonly reason!: string;
}

@InputType({ description: 'Whom to let in no more, and why.' })
export class AdminLockUserInput extends AdminUserInput {}

@InputType({ description: 'Whom to let in again, and why.' })
export class AdminUnlockUserInput extends AdminUserInput {}

@InputType({ description: 'Whose sessions to end, and why.' })
export class AdminRevokeSessionsInput extends AdminUserInput {}

@InputType({ description: 'Whose password to make unusable, and why.' })
export class AdminForcePasswordResetInput extends AdminUserInput {}

@InputType({ description: 'Whose second factor to take away, and why.' })
export class AdminResetTwoFactorInput extends AdminUserInput {
  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether passkeys and identities at providers go too: when a thief may have added them. What is left is the password, or a link to the address.',
  })
  readonly everything!: boolean;
}

/** What every mutation of an operator answers. */
@ObjectType({ description: 'To whom something was done.' })
export abstract class AdminUserPayload {
  @Field(() => User, { nullable: true, description: 'To whom it was done; null when it was not.' })
  readonly user!: User | null;

  @Field(() => [UserError], { description: 'Why it was not done; empty otherwise.' })
  readonly userErrors!: UserError[];
}

@ObjectType({ description: 'The answer to locking somebody out.' })
export class AdminLockUserPayload extends AdminUserPayload {}

@ObjectType({ description: 'The answer to letting somebody in again.' })
export class AdminUnlockUserPayload extends AdminUserPayload {}

@ObjectType({ description: 'The answer to making a password unusable.' })
export class AdminForcePasswordResetPayload extends AdminUserPayload {}

@ObjectType({ description: 'The answer to taking a second factor away.' })
export class AdminResetTwoFactorPayload extends AdminUserPayload {}

@ObjectType({ description: 'The answer to ending the sessions of somebody.' })
export class AdminRevokeSessionsPayload extends AdminUserPayload {
  @Field(() => Int, { description: 'How many sessions ended.' })
  readonly revokedSessions!: number;
}

import { GraphQLDateTime } from 'graphql-scalars';
import { Field, InputType, ObjectType } from 'type-graphql';
import { AdminUserInput } from '../admin/admin.types.js';
import { User } from '../account/user.stub.js';
import { UserError } from '../user-error.js';

@InputType({ description: 'Whom to look like, and why.' })
export class AdminImpersonateInput extends AdminUserInput {}

@ObjectType({ description: 'A token to look at the graph as somebody else, or why there is none.' })
export class AdminImpersonatePayload {
  @Field(() => String, {
    nullable: true,
    description: 'Access token: it reads what the person may read and you may read as well, and changes nothing.',
  })
  readonly accessToken!: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When it is over: after half an hour, and with the session that it was asked for in.',
  })
  readonly expiresAt!: Date | null;

  @Field(() => User, { nullable: true, description: 'Whom you look like.' })
  readonly user!: User | null;

  @Field(() => [UserError], { description: 'Why there is none; empty otherwise.' })
  readonly userErrors!: UserError[];
}

@ObjectType({ description: 'The answer to ending an impersonation.' })
export class EndImpersonationPayload {
  @Field(() => Boolean, { description: 'Whether it ended now; false when it was over already.' })
  readonly ended!: boolean;

  @Field(() => [UserError], { description: 'Always empty today.' })
  readonly userErrors!: UserError[];
}

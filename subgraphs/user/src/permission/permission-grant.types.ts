import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { User } from '../profile/user.entity.js';
import { UserError } from '../user-error.js';

/** What a direct grant or a policy does with a permission. */
export enum AccessEffect {
  ALLOW = 'ALLOW',
  DENY = 'DENY',
}
registerEnumType(AccessEffect, {
  name: 'AccessEffect',
  description: 'What is done with a permission.',
  valuesConfig: {
    ALLOW: { description: 'It is given.' },
    DENY: { description: 'It is taken, whatever else gives it.' },
  },
});

@ObjectType({ description: 'A permission that was given or denied to somebody directly, beside their roles.' })
export class DirectPermission {
  @Field(() => ID, { description: 'Key of the permission, `resource:action:scope`.' })
  readonly permission!: string;

  @Field(() => AccessEffect, { description: 'Whether it was given or denied.' })
  readonly effect!: AccessEffect;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Until when; null when it does not end by itself.' })
  readonly expiresAt!: Date | null;

  @Field(() => GraphQLDateTime, { description: 'Since when.' })
  readonly grantedAt!: Date;

  @Field(() => String, { nullable: true, description: 'Why, in the words of whoever did it; null without any.' })
  readonly reason!: string | null;

  /** User id; the field `grantedBy` loads it. */
  readonly grantedById!: string | null;
}

@InputType({ description: 'A permission to give or to deny to somebody directly.' })
export class GrantUserPermissionInput {
  @Field(() => ID, { description: 'To whom.' })
  readonly userId!: string;

  @Field(() => String, { description: 'Key of the permission, `resource:action:scope`.' })
  readonly permission!: string;

  @Field(() => AccessEffect, { defaultValue: AccessEffect.ALLOW, description: 'Whether to give or to deny it.' })
  readonly effect!: AccessEffect;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Until when; until it is revoked when left out. Replaces what was said before.',
  })
  readonly expiresAt?: Date | null;

  @Field(() => String, { nullable: true, description: 'Why, at most 500 characters. The user can read it.' })
  readonly reason?: string | null;
}

@InputType({ description: 'A direct grant or denial to take back.' })
export class RevokeUserPermissionInput {
  @Field(() => ID, { description: 'From whom.' })
  readonly userId!: string;

  @Field(() => String, { description: 'Key of the permission, `resource:action:scope`.' })
  readonly permission!: string;

  @Field(() => AccessEffect, {
    defaultValue: AccessEffect.ALLOW,
    description: 'Whether to take back the grant or the denial.',
  })
  readonly effect!: AccessEffect;
}

@ObjectType({ description: 'The user after the change, or why nothing changed.' })
export class UserPermissionPayload {
  @Field(() => User, { nullable: true, description: 'The user; null when refused.' })
  readonly user!: User | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was done.' })
  readonly userErrors!: UserError[];
}

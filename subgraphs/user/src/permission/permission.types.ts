import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';

/** Where an effective permission comes from. */
export enum PermissionSource {
  ROLE = 'ROLE',
  DIRECT = 'DIRECT',
  POLICY = 'POLICY',
}
registerEnumType(PermissionSource, {
  name: 'PermissionSource',
  description: 'Where a permission comes from.',
  valuesConfig: {
    ROLE: { description: 'A role allows it, or one that the role inherits from.' },
    DIRECT: { description: 'It was given to the user directly.' },
    POLICY: { description: 'A policy gives it while its condition holds.' },
  },
});

@ObjectType({ description: 'Something that a user may do.' })
export class EffectivePermission {
  @Field(() => ID, { description: '`resource:action:scope`, for instance notification:send:any.' })
  readonly key!: string;

  @Field(() => String, { description: 'What it is about, the first part of the key.' })
  readonly resource!: string;

  @Field(() => String, { description: 'What may be done with it, the second part of the key.' })
  readonly action!: string;

  @Field(() => String, { description: 'Whose: own, team or any; the last part of the key.' })
  readonly scope!: string;

  @Field(() => PermissionSource, { description: 'Where it comes from; of several sources the one that lasts longest.' })
  readonly source!: PermissionSource;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Until when; null when it does not end by itself.' })
  readonly expiresAt!: Date | null;

  @Field(() => Boolean, {
    description: 'Whether it depends on the request: a policy gives it, or takes it, while a condition holds.',
  })
  readonly conditional!: boolean;
}

import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { UserError } from '../user-error.js';
import { Preference } from './preference.entity.js';

/** How new preferences meet old ones. */
export enum PreferenceMode {
  MERGE = 'MERGE',
  REPLACE = 'REPLACE',
}
registerEnumType(PreferenceMode, {
  name: 'PreferenceMode',
  description: 'How new preferences meet old ones.',
  valuesConfig: {
    MERGE: { description: 'What is given is changed, null removes, the rest stays: JSON Merge Patch (RFC 7396).' },
    REPLACE: { description: 'What is given is all there is afterwards.' },
  },
});

@InputType({ description: 'Changes to your preferences.' })
export class UpdatePreferencesInput {
  @Field(() => String, { description: 'Which preferences, for instance "console".' })
  readonly namespace!: string;

  @Field(() => GraphQLJSONObject, { description: 'An object; 16 KiB at most, together with what is there.' })
  readonly data!: object;

  @Field(() => PreferenceMode, {
    defaultValue: PreferenceMode.MERGE,
    description: 'Whether it is merged with what is there, or takes its place.',
  })
  readonly mode!: PreferenceMode;

  @Field(() => Int, {
    nullable: true,
    description: 'The version that you saw, 0 for none: when it is not the current one, nothing changes.',
  })
  readonly version?: number | null;
}

@ObjectType({ description: 'The preferences after the change, or why nothing changed.' })
export class UpdatePreferencesPayload {
  @Field(() => Preference, { nullable: true, description: 'As they are now; null when refused.' })
  readonly preference!: Preference | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when changed.' })
  readonly userErrors!: UserError[];
}

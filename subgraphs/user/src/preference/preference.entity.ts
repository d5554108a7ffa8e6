import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('user_preferences')
@ObjectType({ description: 'What a person prefers, of one application or part of one.' })
export class Preference {
  @PrimaryColumn('uuid')
  userId!: string;

  @Field(() => String, { description: 'Whose preferences these are, for instance "console".' })
  @PrimaryColumn('text')
  namespace!: string;

  @Field(() => GraphQLJSONObject, { description: 'The preferences, as whoever owns the namespace understands them.' })
  @Column('jsonb')
  data!: object;

  @Field(() => Int, { description: 'Rises with every change; send it along to change only what you saw.' })
  @Column('int')
  version!: number;

  @Field(() => GraphQLDateTime, { description: 'When they were changed last.' })
  @Column('timestamptz')
  updatedAt!: Date;
}

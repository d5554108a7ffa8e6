import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** The user subgraph's entity; notification adds the inbox. */
@Directive('@key(fields: "id")')
@ObjectType({ description: 'A person with an account.' })
export class User {
  @Field(() => ID, { description: 'UUID, the same in every subgraph.' })
  id!: string;
}

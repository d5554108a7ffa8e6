import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** The user subgraph's entity; analytics adds what is known of their activity. */
@Directive('@key(fields: "id")')
@ObjectType({ description: 'A person with an account.' })
export class User {
  @Field(() => ID, { description: 'UUID, the same in every subgraph.' })
  id!: string;
}

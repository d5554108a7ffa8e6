import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** The user subgraph's entity; auth adds what belongs to signing in. */
@Directive('@key(fields: "id")')
@ObjectType({ description: 'A person with an account.' })
export class User {
  @Field(() => ID, { description: 'UUID, the same in every subgraph.' })
  id!: string;
}

import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { OAuthProvider } from './oauth.types.js';

/** Who somebody is at a provider: known by issuer and subject, never by an address. */
@Entity('oauth_providers')
@ObjectType({ description: 'An identity at a provider with which somebody can sign in.' })
export class OAuthAccount {
  @Field(() => ID, { description: 'UUID.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  userId!: string;

  @Field(() => OAuthProvider, { description: 'Where it is.' })
  @Column('text')
  provider!: OAuthProvider;

  @Column('text')
  issuer!: string;

  @Column('text')
  subject!: string;

  @Field(() => String, { nullable: true, description: 'Its e-mail address, as the provider said last.' })
  @Column('text', { nullable: true })
  email!: string | null;

  @Column('boolean')
  emailVerified!: boolean;

  @Field(() => GraphQLDateTime, { description: 'When it was linked.' })
  @Column('timestamptz')
  linkedAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it was last signed in with; null when never.' })
  @Column('timestamptz', { nullable: true })
  lastUsedAt!: Date | null;
}

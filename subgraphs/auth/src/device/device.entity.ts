import { GraphQLDateTime } from 'graphql-scalars';
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A browser or app that somebody signed in with, known again by the secret it keeps. */
@Entity('devices')
@Directive('@key(fields: "id")')
@ObjectType({ description: 'A browser or app that somebody signed in with.' })
export class Device {
  @Field(() => ID, { description: 'UUID.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  userId!: string;

  @Column('bytea')
  secretHash!: Buffer;

  @Field(() => String, { description: 'What it calls itself, from its User-Agent header.' })
  @Column('text')
  name!: string;

  @Field(() => GraphQLDateTime, { description: 'First sign-in.' })
  @Column('timestamptz')
  firstSeenAt!: Date;

  @Field(() => GraphQLDateTime, { description: 'Latest sign-in.' })
  @Column('timestamptz')
  lastSeenAt!: Date;
}

import { Auth, Authenticated } from '@orion/platform/subgraph';
import { createConnectionType } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
import { GraphQLDateTime } from 'graphql-scalars';
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { UserKind } from './user-kind.js';
import { UserStatus } from './user-status.js';

/** The person behind an account. Guarded fields are nullable: a refusal leaves their neighbours alone. */
@Entity('users')
@Directive('@key(fields: "id")')
@ObjectType({ description: 'A person with an account.' })
export class User {
  @Field(() => ID, { description: 'UUID, the same in every subgraph.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Authenticated()
  @Field(() => String, { nullable: true, description: 'Name to show to other people.' })
  @Column('text')
  displayName!: string;

  @Authenticated()
  @Field(() => String, { nullable: true, description: 'Unique name, whatever its case; null when none was chosen.' })
  @Column('text', { nullable: true })
  username!: string | null;

  @Auth('user:read-pii:own')
  @Field(() => String, { nullable: true, description: 'E-mail address; null while the account is being opened.' })
  @Column('text', { nullable: true })
  email!: string | null;

  @Authenticated()
  @Field(() => String, { nullable: true, description: 'What they say about themselves.' })
  @Column('text', { nullable: true })
  bio!: string | null;

  @Authenticated()
  @Field(() => String, { nullable: true, description: 'Language tag (BCP 47), for instance de-CH.' })
  @Column('text', { nullable: true })
  locale!: string | null;

  @Authenticated()
  @Field(() => String, {
    nullable: true,
    description: 'Time zone (IANA), for instance Europe/Berlin; null when not chosen.',
  })
  @Column('text', { nullable: true })
  timezone!: string | null;

  @Authenticated()
  @Field(() => Int, {
    nullable: true,
    description: 'Rises with every change; send it with updateProfile to change only what you saw.',
  })
  @Column('int')
  profileVersion!: number;

  @Authenticated()
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When they registered.' })
  @Column('timestamptz')
  createdAt!: Date;

  @Auth('user:read:any')
  @Field(() => UserStatus, { nullable: true, description: 'Whether the account can be used.' })
  @Column('text')
  status!: UserStatus;

  @Auth('activity:read:own')
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When they last signed in or out; null when they never did.',
  })
  @Column('timestamptz', { nullable: true })
  lastSeenAt!: Date | null;

  /** The same to sort by; the database computes it. */
  @Column({ type: 'timestamptz', insert: false, update: false })
  seenOrder!: Date;

  @Column('timestamptz')
  updatedAt!: Date;

  @Column('timestamptz', { nullable: true })
  deletedAt!: Date | null;

  @Column('text')
  sortName!: string;

  @Column('text', { array: true })
  searchWords!: string[];

  @Authenticated()
  @Field(() => UserKind, { nullable: true, description: 'Whether it is a person or a program.' })
  @Column('text')
  kind!: UserKind;

  @Column('boolean')
  provisional!: boolean;
}

export const UserConnection = createConnectionType(User, 'User');
export type UserConnection = Connection<User>;

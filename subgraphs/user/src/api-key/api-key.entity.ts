import { createConnectionType } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a program acts with in the name of a user. The key itself is nowhere. */
@Entity('api_keys')
@ObjectType({ description: 'What a program acts with in the name of a user. The key itself is shown once.' })
export class ApiKey {
  @Field(() => ID, { description: 'UUID.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  userId!: string;

  @Field(() => String, { description: 'What its owner calls it.' })
  @Column('text')
  name!: string;

  @Field(() => String, { description: 'What the key begins with after `orion_`, to know it by.' })
  @Column('text')
  prefix!: string;

  @Column('bytea', { select: false })
  hash!: Buffer;

  @Field(() => [String], { description: 'Permissions that it was given; of them it has what its owner may do now.' })
  @Column('text', { array: true })
  scopes!: string[];

  @Field(() => [String], { description: 'Addresses and ranges from which it may be used; from anywhere when empty.' })
  @Column('text', { array: true })
  allowedIps!: string[];

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Until when; null when it does not end by itself.' })
  @Column('timestamptz', { nullable: true })
  expiresAt!: Date | null;

  @Field(() => GraphQLDateTime, { description: 'When it was made.' })
  @Column('timestamptz')
  createdAt!: Date;

  @Column('uuid')
  createdBy!: string;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When it was last used, to the minute; null when it never was.',
  })
  @Column('timestamptz', { nullable: true })
  lastUsedAt!: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it was revoked; null when it was not.' })
  @Column('timestamptz', { nullable: true })
  revokedAt!: Date | null;
}

export const ApiKeyConnection = createConnectionType(ApiKey, 'ApiKey');
export type ApiKeyConnection = Connection<ApiKey>;

import type { Condition } from '@orion/platform/access';
import { createConnectionType } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { AccessEffect } from '../permission/permission-grant.types.js';

/** A permission that is given or taken while a condition on the request holds. */
@Entity('policies')
@ObjectType({ description: 'A permission that is given or taken while a condition on the request holds.' })
export class Policy {
  @Field(() => ID, { description: 'UUID.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => String, { description: 'Unique name.' })
  @Column('text')
  name!: string;

  @Field(() => AccessEffect, { description: 'Whether it gives or takes. What is denied is denied.' })
  @Column('text')
  effect!: AccessEffect;

  @Field(() => ID, { description: 'Key of the permission, `resource:action:scope`.' })
  @Column('text')
  permission!: string;

  /** The field `role` loads it. */
  @Column('uuid', { nullable: true })
  roleId!: string | null;

  @Field(() => GraphQLJSON, {
    description:
      'When it applies, a tree: {all: [...]}, {any: [...]}, {not: ...}, {ip: {in: [address or range]}}, {time: {from, to, timezone, weekdays}}, {method: {has}}, {authAge: {atMost: seconds}}, {userAgent: {contains}}.',
  })
  @Column('jsonb')
  condition!: Condition;

  @Field(() => Boolean, { description: 'Whether it applies at all.' })
  @Column('boolean')
  enabled!: boolean;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Until when; null when it does not end by itself.' })
  @Column('timestamptz', { nullable: true })
  expiresAt!: Date | null;

  @Field(() => GraphQLDateTime, { description: 'When it was made.' })
  @Column('timestamptz')
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { description: 'When it was last changed.' })
  @Column('timestamptz')
  updatedAt!: Date;
}

export const PolicyConnection = createConnectionType(Policy, 'Policy');
export type PolicyConnection = Connection<Policy>;

import { createConnectionType } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A named set of permissions. */
@Entity('roles')
@ObjectType({ description: 'A named set of permissions that users can have.' })
export class Role {
  @Field(() => ID, { description: 'UUID.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => String, { description: 'Unique name, for instance ADMIN.' })
  @Column('text')
  name!: string;

  @Field(() => Int, {
    description: 'Rank: who is no administrator can only give and take roles that rank below their own highest one.',
  })
  @Column('int')
  level!: number;

  @Field(() => String, { description: 'What it is for.' })
  @Column('text')
  description!: string;

  @Field(() => Boolean, { description: 'Whether the platform itself needs it, so that it cannot be removed.' })
  @Column('boolean')
  isSystem!: boolean;

  /** The role that it inherits from; the field `parent` loads it. */
  @Column('uuid', { nullable: true })
  parentId!: string | null;
}

export const RoleConnection = createConnectionType(Role, 'Role');
export type RoleConnection = Connection<Role>;

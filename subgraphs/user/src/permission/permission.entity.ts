import { createConnectionType } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
import { Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Something that may be allowed. */
@Entity('permissions')
@ObjectType({ description: 'Something that may be allowed.' })
export class Permission {
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => ID, { description: '`resource:action:scope`, for instance notification:send:any.' })
  @Column('text')
  key!: string;

  @Field(() => String, { description: 'What it is about, the first part of the key.' })
  @Column('text')
  resource!: string;

  @Field(() => String, { description: 'What may be done with it, the second part of the key.' })
  @Column('text')
  action!: string;

  @Field(() => String, { description: 'Whose: own, team or any; the last part of the key.' })
  @Column('text')
  scope!: string;

  @Field(() => String, { description: 'What it allows, in words.' })
  @Column('text')
  description!: string;
}

export const PermissionConnection = createConnectionType(Permission, 'Permission');
export type PermissionConnection = Connection<Permission>;

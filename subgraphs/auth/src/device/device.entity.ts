import { createConnectionType } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
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

  @Field(() => String, { description: 'What its owner calls it; at first, what its User-Agent header says it is.' })
  @Column('text')
  name!: string;

  @Field(() => String, { nullable: true, description: 'Operating system at the first sign-in; null when unknown.' })
  @Column('text', { nullable: true })
  platform!: string | null;

  @Column('timestamptz', { nullable: true })
  trustedUntil!: Date | null;

  @Field(() => GraphQLDateTime, { description: 'First sign-in.' })
  @Column('timestamptz')
  firstSeenAt!: Date;

  @Field(() => GraphQLDateTime, { description: 'Latest sign-in.' })
  @Column('timestamptz')
  lastSeenAt!: Date;

  @Column('timestamptz', { nullable: true })
  revokedAt!: Date | null;
}

export const DeviceConnection = createConnectionType(Device, 'Device');
export type DeviceConnection = Connection<Device>;

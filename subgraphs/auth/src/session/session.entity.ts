import { GraphQLDateTime } from 'graphql-scalars';
import { createConnectionType } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A sign-in that lasts: every access and refresh token belongs to one. */
@Entity('sessions')
@Directive('@key(fields: "id")')
@ObjectType({ description: 'A sign-in on a device, until it is revoked or expires.' })
export class Session {
  @Field(() => ID, { description: 'UUID.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  userId!: string;

  @Column('uuid')
  deviceId!: string;

  /** Shown by the resolver, which knows to whom. */
  @Column('text', { nullable: true })
  ip!: string | null;

  @Column('text', { nullable: true })
  userAgent!: string | null;

  @Field(() => [String], { description: 'How the person proved who they are (RFC 8176), for instance pwd.' })
  @Column('text', { array: true })
  methods!: string[];

  @Field(() => GraphQLDateTime, { description: 'When it began.' })
  @Column('timestamptz')
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { description: 'When the person last proved who they are.' })
  @Column('timestamptz')
  authenticatedAt!: Date;

  @Field(() => GraphQLDateTime, { description: 'Latest sign-in or token refresh.' })
  @Column('timestamptz')
  lastSeenAt!: Date;

  @Field(() => GraphQLDateTime, { description: 'When it ends unless its tokens are refreshed before.' })
  @Column('timestamptz')
  idleExpiresAt!: Date;

  @Field(() => GraphQLDateTime, { description: 'When it ends at the latest.' })
  @Column('timestamptz')
  expiresAt!: Date;

  @Column('timestamptz', { nullable: true })
  revokedAt!: Date | null;

  @Column('text', { nullable: true })
  revokedReason!: string | null;
}

export const SessionConnection = createConnectionType(Session, 'Session');
export type SessionConnection = Connection<Session>;

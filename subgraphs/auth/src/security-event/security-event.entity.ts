import { createConnectionType } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { SecurityEventType, SecuritySeverity } from './security-event.types.js';

/** Something that concerns the safety of an account. */
@Entity('security_events')
@Directive('@key(fields: "id")')
@ObjectType({ description: 'Something that concerns the safety of an account.' })
export class SecurityEvent {
  @Field(() => ID, { description: 'UUID.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { nullable: true })
  userId!: string | null;

  @Field(() => SecurityEventType, { description: 'What happened.' })
  @Column('text')
  type!: SecurityEventType;

  @Field(() => SecuritySeverity, { description: 'How much it matters that somebody looks at it.' })
  @Column('text')
  severity!: SecuritySeverity;

  @Column('uuid', { nullable: true })
  sessionId!: string | null;

  @Column('uuid', { nullable: true })
  deviceId!: string | null;

  /** Shown by the resolver, which knows to whom. */
  @Column('text', { nullable: true })
  ip!: string | null;

  @Field(() => String, { nullable: true, description: 'User-Agent header of the client; null when it sent none.' })
  @Column('text', { nullable: true })
  userAgent!: string | null;

  @Field(() => GraphQLJSONObject, { description: 'What else is to be known of this type of event. No secrets.' })
  @Column('jsonb')
  details!: object;

  @Field(() => GraphQLDateTime, { description: 'When it happened.' })
  @Column('timestamptz')
  occurredAt!: Date;
}

export const SecurityEventConnection = createConnectionType(SecurityEvent, 'SecurityEvent');
export type SecurityEventConnection = Connection<SecurityEvent>;

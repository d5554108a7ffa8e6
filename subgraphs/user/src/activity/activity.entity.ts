import { createConnectionType } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What somebody did, or what befell their account. */
export enum ActivityKind {
  SIGNED_IN = 'SIGNED_IN',
  SIGNED_OUT = 'SIGNED_OUT',
  SECURITY_EVENT = 'SECURITY_EVENT',
  PROFILE_UPDATED = 'PROFILE_UPDATED',
  PREFERENCES_UPDATED = 'PREFERENCES_UPDATED',
  AVATAR_UPLOADED = 'AVATAR_UPLOADED',
  AVATAR_REMOVED = 'AVATAR_REMOVED',
  EXPORT_REQUESTED = 'EXPORT_REQUESTED',
  DELETION_REQUESTED = 'DELETION_REQUESTED',
  DELETION_CANCELLED = 'DELETION_CANCELLED',
}
registerEnumType(ActivityKind, {
  name: 'ActivityKind',
  description: 'What somebody did, or what befell their account.',
  valuesConfig: {
    SIGNED_IN: { description: 'A session began.' },
    SIGNED_OUT: { description: 'A session was ended.' },
    SECURITY_EVENT: { description: 'Something that concerns the safety of the account; `details.kind` says what.' },
    PROFILE_UPDATED: { description: 'The profile was changed; `details.fields` says what of it.' },
    PREFERENCES_UPDATED: { description: 'Preferences were changed; `details.namespace` says which.' },
    AVATAR_UPLOADED: { description: 'There is a new picture.' },
    AVATAR_REMOVED: { description: 'The picture was removed.' },
    EXPORT_REQUESTED: { description: 'A copy of all data was asked for.' },
    DELETION_REQUESTED: { description: 'The account is to be deleted; `details.dueAt` says when.' },
    DELETION_CANCELLED: { description: 'The account is not to be deleted after all.' },
  },
});

@Entity('activity')
@ObjectType({ description: 'Something that somebody did, or that befell their account.' })
export class Activity {
  @Field(() => ID, { description: 'UUID.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  userId!: string;

  @Field(() => ActivityKind, { description: 'What happened.' })
  @Column('text')
  kind!: ActivityKind;

  @Field(() => GraphQLDateTime, { description: 'When it happened.' })
  @Column('timestamptz')
  occurredAt!: Date;

  @Field(() => String, { nullable: true, description: 'Address of the client; null when it was not they who did it.' })
  @Column('text', { nullable: true })
  ip!: string | null;

  @Field(() => String, { nullable: true, description: 'User-Agent header of the client; null when it sent none.' })
  @Column('text', { nullable: true })
  userAgent!: string | null;

  @Field(() => GraphQLJSONObject, { description: 'What else is to be known of this kind of thing, as an object.' })
  @Column('jsonb')
  details!: object;
}

export const ActivityConnection = createConnectionType(Activity, 'Activity');
export type ActivityConnection = Connection<Activity>;

import { createConnectionType } from '@orion/platform/pagination';
import type { Connection } from '@orion/platform/pagination';
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How a notification reaches somebody. */
export enum NotificationChannel {
  IN_APP = 'IN_APP',
  EMAIL = 'EMAIL',
}
registerEnumType(NotificationChannel, {
  name: 'NotificationChannel',
  description: 'How a notification reaches somebody.',
  valuesConfig: {
    IN_APP: { description: 'Into their inbox here, and live to every client that listens.' },
    EMAIL: { description: 'As an e-mail to the address of their account.' },
  },
});

/** How urgent a notification is. */
export enum NotificationPriority {
  LOW = 'LOW',
  NORMAL = 'NORMAL',
  HIGH = 'HIGH',
  CRITICAL = 'CRITICAL',
}
registerEnumType(NotificationPriority, {
  name: 'NotificationPriority',
  description: 'How urgent a notification is: mails go out in this order.',
  valuesConfig: {
    LOW: { description: 'Can wait behind everything else.' },
    NORMAL: { description: 'The usual.' },
    HIGH: { description: 'Somebody waits for it.' },
    CRITICAL: { description: 'Concerns the safety of the account.' },
  },
});

/** Where a notification is on its way. What the recipient did with it is told by seenAt, readAt and archivedAt. */
export enum DeliveryStatus {
  QUEUED = 'QUEUED',
  SENT = 'SENT',
  DELIVERED = 'DELIVERED',
  FAILED = 'FAILED',
}
registerEnumType(DeliveryStatus, {
  name: 'DeliveryStatus',
  description: 'Where a notification is on its way.',
  valuesConfig: {
    QUEUED: { description: 'Waits to be handed on, for the first time or again.' },
    SENT: { description: 'Put into the inbox, or taken by the mail server (in demo mode: captured).' },
    DELIVERED: { description: 'Known to have arrived: a client of the recipient marked it as seen or read.' },
    FAILED: { description: 'Could not be delivered, and is not tried again.' },
  },
});

@Entity('notifications')
@Directive('@key(fields: "id")')
@ObjectType({ description: 'A message to one person through one channel.' })
export class Notification {
  @Field(() => ID, { description: 'UUID; later ones sort behind earlier ones.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  recipientId!: string;

  @Column('uuid', { nullable: true })
  actorId!: string | null;

  @Field(() => String, {
    description: 'What it is about, for instance WELCOME or SECURITY_ALERT: for icons, filters and preferences.',
  })
  @Column('text')
  type!: string;

  @Field(() => NotificationChannel, { description: 'How it reaches its recipient.' })
  @Column('text')
  channel!: NotificationChannel;

  @Field(() => String, { description: 'One line of plain text.' })
  @Column('text')
  title!: string;

  @Field(() => String, { description: 'Plain text; may be empty. Not to be shown as HTML.' })
  @Column('text')
  body!: string;

  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'What the sender attached for programs, for instance ids to link to.',
  })
  @Column('jsonb', { nullable: true })
  data!: unknown;

  @Field(() => NotificationPriority, { description: 'How urgent it is.' })
  @Column('text')
  priority!: NotificationPriority;

  @Field(() => DeliveryStatus, { description: 'Where it is on its way.' })
  @Column('text')
  status!: DeliveryStatus;

  @Field(() => GraphQLDateTime, { description: 'When it was sent.' })
  @Column('timestamptz')
  createdAt!: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When a client of the recipient first showed it; null when none has.',
  })
  @Column('timestamptz', { nullable: true })
  seenAt!: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When the recipient read it; null when they have not.' })
  @Column('timestamptz', { nullable: true })
  readAt!: Date | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When the recipient put it away; null while it is in the inbox.',
  })
  @Column('timestamptz', { nullable: true })
  archivedAt!: Date | null;

  /** State of the inbox that this notification made, as text because it is a bigint; null for other channels. */
  @Column('bigint', { nullable: true })
  rev!: string | null;

  /** Event that caused it. */
  @Column('uuid', { nullable: true })
  eventId!: string | null;
}

export const NotificationConnection = createConnectionType(Notification, 'Notification');
export type NotificationConnection = Connection<Notification>;

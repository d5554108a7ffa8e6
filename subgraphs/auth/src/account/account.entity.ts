import type { AccessRule } from '@orion/platform/access';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Whether somebody may sign in at all. */
export enum AccountStatus {
  ACTIVE = 'ACTIVE',
  DISABLED = 'DISABLED',
  DELETED = 'DELETED',
}

/** What somebody needs to sign in. The person behind it belongs to the user subgraph. */
@Entity('credentials')
export class Account {
  @PrimaryColumn('uuid', { name: 'user_id' })
  id!: string;

  /** As typed at the latest registration; mails go here. */
  @Column('text')
  email!: string;

  /** What makes an address unique: see EmailAddress. */
  @Column('text')
  emailCanonical!: string;

  /** A copy, for mails and for the rule that a password is not made of it; null when nothing has been heard of it. */
  @Column('text', { nullable: true })
  displayName!: string | null;

  @Column('timestamptz', { nullable: true })
  emailVerifiedAt!: Date | null;

  /** With algorithm and parameters in it. Null for somebody who signs in without a password. */
  @Column('text', { nullable: true })
  passwordHash!: string | null;

  @Column('timestamptz', { nullable: true })
  passwordChangedAt!: Date | null;

  @Column('text')
  status!: AccountStatus;

  /** Passwords are not tried before that; a device that is trusted may. */
  @Column('timestamptz', { nullable: true })
  lockedUntil!: Date | null;

  /** Effective permissions as the user subgraph last announced them. */
  @Column('text', { array: true })
  permissions!: string[];

  /** Epoch seconds at which a permission stops. */
  @Column('jsonb')
  permissionExpiries!: Readonly<Record<string, number>>;

  @Column('jsonb')
  permissionRules!: readonly AccessRule[];

  @Column('int')
  permissionsVersion!: number;

  /** Of the highest role: nobody acts on somebody of their own level or above. */
  @Column('int')
  level!: number;

  /** Set while an operator lets nobody in. */
  @Column('timestamptz', { nullable: true })
  lockedByOperatorAt!: Date | null;

  /** Set while the user subgraph says that the person is suspended. */
  @Column('timestamptz', { nullable: true })
  suspendedAt!: Date | null;

  @Column('timestamptz', { nullable: true })
  lastLoginAt!: Date | null;

  @Column('timestamptz')
  createdAt!: Date;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What somebody needs to sign in. The person behind it belongs to the user subgraph. */
@Entity('accounts')
export class Account {
  @PrimaryColumn('uuid')
  id!: string;

  /** As typed at registration; mails go here. */
  @Column('text')
  email!: string;

  /** What makes an address unique: see canonicalEmail. */
  @Column('text')
  emailCanonical!: string;

  @Column('timestamptz', { nullable: true })
  emailVerifiedAt!: Date | null;

  /** PHC string with algorithm and parameters in it. */
  @Column('text')
  passwordHash!: string;

  /** Wrong passwords in the window that began at `attemptsSince`. */
  @Column('int')
  failedAttempts!: number;

  @Column('timestamptz')
  attemptsSince!: Date;

  /** Effective permissions as the user subgraph last announced them. */
  @Column('text', { array: true })
  permissions!: string[];

  @Column('int')
  permissionsVersion!: number;

  @Column('timestamptz', { nullable: true })
  lastLoginAt!: Date | null;

  @Column('timestamptz')
  createdAt!: Date;
}

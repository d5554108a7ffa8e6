import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What somebody needs to sign in. The person behind it belongs to the user subgraph. */
@Entity('accounts')
export class Account {
  @PrimaryColumn('uuid')
  id!: string;

  /** As typed at the latest registration; mails go here. */
  @Column('text')
  email!: string;

  /** What makes an address unique: see EmailAddress. */
  @Column('text')
  emailCanonical!: string;

  @Column('timestamptz', { nullable: true })
  emailVerifiedAt!: Date | null;

  /** PHC string with algorithm and parameters in it. */
  @Column('text')
  passwordHash!: string;

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

import { Column, Entity, PrimaryColumn } from 'typeorm';

/** That a user has a role. */
@Entity('user_roles')
export class UserRoleGrant {
  @PrimaryColumn('uuid')
  userId!: string;

  @PrimaryColumn('uuid')
  roleId!: string;

  /** Null when the system granted it. */
  @Column('uuid', { nullable: true })
  grantedBy!: string | null;

  @Column('timestamptz')
  grantedAt!: Date;

  /** Null when it does not end by itself. */
  @Column('timestamptz', { nullable: true })
  expiresAt!: Date | null;
}

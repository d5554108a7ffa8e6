import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A second factor of somebody, confirmed or waiting for its first code. */
@Entity('two_factor_auth')
export class TwoFactorAuth {
  @PrimaryColumn('uuid')
  userId!: string;

  @PrimaryColumn('text')
  method!: string;

  @Column('text', { nullable: true })
  secretSealed!: string | null;

  @Column('text', { nullable: true })
  pendingSecretSealed!: string | null;

  @Column('timestamptz', { nullable: true })
  pendingExpiresAt!: Date | null;

  @Column('timestamptz', { nullable: true })
  confirmedAt!: Date | null;

  @Column('timestamptz', { nullable: true })
  lockedUntil!: Date | null;
}

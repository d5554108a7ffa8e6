import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Leave to set a password anew, by the hash of the token that was mailed. */
@Entity('password_resets')
export class PasswordReset {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  userId!: string;

  @Column('bytea')
  hash!: Buffer;

  @Column('timestamptz')
  requestedAt!: Date;

  @Column('timestamptz')
  expiresAt!: Date;

  @Column('timestamptz', { nullable: true })
  consumedAt!: Date | null;

  @Column('text', { nullable: true })
  ip!: string | null;
}

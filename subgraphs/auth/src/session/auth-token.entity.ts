import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A refresh token, by its hash. Used once; what replaced it is kept sealed for a retry. */
@Entity('auth_tokens')
export class AuthToken {
  @PrimaryColumn('bytea')
  hash!: Buffer;

  @Column('uuid')
  sessionId!: string;

  @Column('timestamptz')
  expiresAt!: Date;

  @Column('timestamptz', { nullable: true })
  consumedAt!: Date | null;

  @Column('text', { nullable: true })
  childSealed!: string | null;

  @Column('bytea', { nullable: true })
  childHash!: Buffer | null;
}

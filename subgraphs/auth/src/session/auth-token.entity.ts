import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A refresh token, by its hash. Used once; what replaced it is kept sealed for a retry. */
@Entity('auth_tokens')
export class AuthToken {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('bytea')
  hash!: Buffer;

  @Column('uuid')
  userId!: string;

  @Column('uuid')
  sessionId!: string;

  /** Of all tokens that came from one sign-in. */
  @Column('uuid')
  familyId!: string;

  /** The token that this one replaced; null for the first of its family. */
  @Column('uuid', { nullable: true })
  parentId!: string | null;

  /** 0 for the first of its family. */
  @Column('int')
  generation!: number;

  /** When it is over because nobody used it. */
  @Column('timestamptz')
  expiresAt!: Date;

  /** When its family is over, however often it is replaced. */
  @Column('timestamptz')
  absoluteExpiresAt!: Date;

  @Column('timestamptz', { nullable: true })
  consumedAt!: Date | null;

  @Column('timestamptz', { nullable: true })
  revokedAt!: Date | null;

  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('uuid')
  deviceId!: string;

  /** Of the client that it was given to. */
  @Column('text', { nullable: true })
  ip!: string | null;

  @Column('text', { nullable: true })
  userAgent!: string | null;

  /** Of the client that used it up. */
  @Column('text', { nullable: true })
  consumedUserAgent!: string | null;

  @Column('text', { nullable: true })
  childSealed!: string | null;

  @Column('bytea', { nullable: true })
  childHash!: Buffer | null;
}

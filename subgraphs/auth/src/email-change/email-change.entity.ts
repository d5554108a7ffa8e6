import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An address that somebody wants, by the hash of the token that was mailed to it. */
@Entity('email_changes')
export class EmailChange {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  userId!: string;

  @Column('bytea')
  hash!: Buffer;

  @Column('text')
  email!: string;

  @Column('text')
  emailCanonical!: string;

  @Column('timestamptz')
  requestedAt!: Date;

  @Column('timestamptz')
  expiresAt!: Date;

  @Column('timestamptz', { nullable: true })
  consumedAt!: Date | null;

  /** In which it was asked for. */
  @Column('uuid', { nullable: true })
  sessionId!: string | null;

  @Column('text', { nullable: true })
  ip!: string | null;
}

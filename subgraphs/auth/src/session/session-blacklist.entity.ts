import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A session or an access token that must not be believed any more, although its signature is good. */
@Entity('session_blacklist')
export class BlacklistedSession {
  /** Of the session, or `jti` of the token. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  userId!: string;

  @Column('text')
  reason!: string;

  @Column('timestamptz')
  revokedAt!: Date;

  /** When the last access token that it concerns is over. */
  @Column('timestamptz')
  expiresAt!: Date;
}

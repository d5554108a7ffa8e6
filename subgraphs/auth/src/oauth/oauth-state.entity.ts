import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OAuthIntent, OAuthProvider } from './oauth.types.js';

/** A sign-in at a provider that began here and has not come back yet. */
@Entity('oauth_states')
export class OAuthState {
  @PrimaryColumn('bytea')
  hash!: Buffer;

  @Column('text')
  provider!: OAuthProvider;

  @Column('text')
  intent!: OAuthIntent;

  /** Who links; null for a sign-in. */
  @Column('uuid', { nullable: true })
  userId!: string | null;

  @Column('uuid', { nullable: true })
  sessionId!: string | null;

  @Column('text')
  redirectUri!: string;

  @Column('bytea')
  bindingHash!: Buffer;

  @Column('text')
  verifierSealed!: string;

  @Column('text')
  nonce!: string;

  @Column('timestamptz')
  expiresAt!: Date;

  @Column('timestamptz', { nullable: true })
  consumedAt!: Date | null;
}

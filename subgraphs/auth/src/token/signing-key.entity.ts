import type { JWK } from 'jose';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Where a key stands between its making and its end. */
export enum SigningKeyState {
  /** Published, so that everybody knows it before it signs. */
  NEXT = 'NEXT',
  CURRENT = 'CURRENT',
  /** Signs no more; published until the last token that it signed is over. */
  RETIRED = 'RETIRED',
}

/** A key pair that signs access tokens; the private half is sealed. */
@Entity('signing_keys')
export class SigningKey {
  /** `kid`: the JWK thumbprint (RFC 7638). */
  @PrimaryColumn('text')
  id!: string;

  @Column('jsonb')
  publicJwk!: JWK;

  @Column('text')
  privateSealed!: string;

  @Column('text')
  state!: SigningKeyState;

  @Column('timestamptz')
  createdAt!: Date;

  @Column('timestamptz', { nullable: true })
  currentSince!: Date | null;

  @Column('timestamptz', { nullable: true })
  retiredAt!: Date | null;

  /** Not published any more after this. */
  @Column('timestamptz', { nullable: true })
  expiresAt!: Date | null;
}

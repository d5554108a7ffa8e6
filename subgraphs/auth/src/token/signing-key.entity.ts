import type { JWK } from 'jose';
import { Column, Entity, PrimaryColumn } from 'typeorm';

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

  @Column('timestamptz')
  createdAt!: Date;
}

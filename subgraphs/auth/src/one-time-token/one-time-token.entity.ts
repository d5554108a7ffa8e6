import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A secret that works once. */
@Entity('one_time_tokens')
export class OneTimeToken {
  @PrimaryColumn('bytea')
  hash!: Buffer;

  @PrimaryColumn('text')
  purpose!: string;

  @Column('uuid')
  userId!: string;

  @Column('timestamptz')
  expiresAt!: Date;

  @Column('timestamptz', { nullable: true })
  consumedAt!: Date | null;
}

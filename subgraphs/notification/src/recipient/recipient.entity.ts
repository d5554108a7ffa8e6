import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What is known here about a person who can be notified: copied from events, owned by others. */
@Entity('recipients')
export class Recipient {
  @PrimaryColumn('uuid')
  userId!: string;

  /** Null when only the profile has been heard of yet. */
  @Column('text', { nullable: true })
  email!: string | null;

  @Column('text', { nullable: true })
  displayName!: string | null;

  /** BCP 47. */
  @Column('text', { nullable: true })
  locale!: string | null;

  /** Everything else is null from then on. */
  @Column('timestamptz', { nullable: true })
  deletedAt!: Date | null;
}

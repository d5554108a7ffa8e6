import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The counters of one person's inbox, kept by every statement that changes it. */
@Entity('inboxes')
export class Inbox {
  @PrimaryColumn('uuid')
  userId!: string;

  /** Rises by one with every change; bigint, hence text. */
  @Column('bigint')
  rev!: string;

  @Column('int')
  unseen!: number;

  @Column('int')
  unread!: number;

  @Column('int')
  total!: number;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An operator looks at the graph as somebody else. */
@Entity('impersonations')
export class Impersonation {
  /** Also the session in its access token. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  actorId!: string;

  /** It ends with this session. */
  @Column('uuid')
  actorSessionId!: string;

  @Column('uuid')
  userId!: string;

  @Column('text')
  reason!: string;

  @Column('timestamptz')
  startedAt!: Date;

  @Column('timestamptz')
  expiresAt!: Date;

  @Column('timestamptz', { nullable: true })
  endedAt!: Date | null;
}

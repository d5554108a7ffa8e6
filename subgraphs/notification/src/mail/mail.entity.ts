import { Column, Entity, PrimaryColumn } from 'typeorm';

/** QUEUED: waits for a mail server, or is being handed to it. CAPTURED: shown in demo mode, sent to nobody. */
export type MailStatus = 'QUEUED' | 'SENT' | 'FAILED' | 'CAPTURED';

/** The e-mail of a notification whose channel is EMAIL. */
@Entity('mails')
export class Mail {
  /** Id of the notification. */
  @PrimaryColumn('uuid')
  id!: string;

  /** Address. */
  @Column('text')
  recipient!: string;

  @Column('text')
  subject!: string;

  /** See mail-body.ts; null once the mail is sent. */
  @Column('text', { nullable: true })
  bodySealed!: string | null;

  @Column('text')
  status!: MailStatus;

  @Column('int')
  attempts!: number;

  /** `Message-ID` under which it was sent. */
  @Column('text', { nullable: true })
  messageId!: string | null;

  /** What the latest attempt failed with. */
  @Column('text', { nullable: true })
  error!: string | null;

  @Column('timestamptz')
  createdAt!: Date;
}

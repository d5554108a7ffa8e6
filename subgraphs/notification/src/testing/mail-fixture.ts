import { randomBytes } from 'node:crypto';
import { openDatabase } from '@orion/platform/database';
import { uuidv7 } from '@orion/platform/ids';
import { createJobWorker } from '@orion/platform/jobs';
import { createLogger } from '@orion/platform/log';
import { createSealer } from '@orion/platform/sealing';
import type { Sealer } from '@orion/platform/sealing';
import { createTestDatabase } from '@orion/platform/testing';
import type { DataSource } from 'typeorm';
import { deliverMail } from '../mail-delivery/deliver-mail.job.js';
import { registerMailDelivery } from '../mail-delivery/mail-delivery.js';
import { createSmtpTransport } from '../mail-delivery/smtp-transport.js';
import { DeliveryAttempt } from '../mail/delivery-attempt.entity.js';
import { Mail } from '../mail/mail.entity.js';
import { MailService } from '../mail/mail.service.js';
import { migrations } from '../migrations/index.js';
import { NotificationChannel, NotificationPriority } from '../notification/notification.entity.js';

/** Queued mails and workers that send them, without the rest of the subgraph. */
export interface MailFixture {
  readonly database: DataSource;
  readonly databaseUrl: string;
  readonly sealingKey: string;
  /** Queues mails; returns their ids. */
  enqueue(
    ...mails: readonly { readonly to: string; readonly subject?: string; readonly priority?: NotificationPriority }[]
  ): Promise<string[]>;
  /** What became of a mail: its status, error and the outcomes of its attempts. */
  fate(id: string): Promise<{
    readonly status: string;
    readonly notification: string;
    readonly error: string | null;
    readonly attempts: readonly (string | null)[];
  }>;
  /** Types of the events about a mail, in order. */
  announced(id: string): Promise<string[]>;
  /** A worker that is impatient enough for tests; it is stopped with the fixture. */
  deliver(
    smtpUrl: string,
    policy?: { readonly maxAttempts?: number; readonly concurrency?: number },
  ): { stop(): Promise<void> };
  stop(): Promise<void>;
}

export async function startMails(): Promise<MailFixture> {
  const { url, drop } = await createTestDatabase();
  const database = await openDatabase({ url, entities: [DeliveryAttempt, Mail], migrations, applicationName: 'test' });
  const sealingKey = randomBytes(32).toString('base64');
  const sealer: Sealer = createSealer(sealingKey);
  const service = new MailService(database.manager, sealer, false);
  const workers: { stop(): Promise<void> }[] = [];
  return {
    database,
    databaseUrl: url,
    sealingKey,
    enqueue: (...mails) =>
      database.transaction(async (manager) => {
        const made = await service.enqueue(
          manager,
          mails.map(({ to, subject = 'Hello', priority = NotificationPriority.NORMAL }) => ({
            notification: {
              id: uuidv7(),
              recipientId: uuidv7(),
              actorId: null,
              type: 'TEST',
              channel: NotificationChannel.EMAIL,
              title: subject,
              body: '',
              data: null,
              priority,
              eventId: null,
            },
            address: to,
            content: { subject, paragraphs: [`To ${to}.`] },
          })),
        );
        return made.map(({ id }) => id);
      }),
    async fate(id) {
      const [row] = await database.query(
        `SELECT mails.status, notifications.status AS notification, error,
                ARRAY(SELECT outcome FROM delivery_attempts WHERE mail_id = mails.id ORDER BY number) AS attempts
           FROM mails JOIN notifications USING (id) WHERE id = $1`,
        [id],
      );
      return row;
    },
    async announced(id) {
      const rows: { type: string }[] = await database.query(
        `SELECT envelope->>'type' AS type FROM outbox WHERE envelope->'data'->>'notificationId' = $1 ORDER BY seq`,
        [id],
      );
      return rows.map(({ type }) => type);
    },
    deliver(smtpUrl, { maxAttempts = deliverMail.retry.maxAttempts, concurrency = null } = {}) {
      const logger = createLogger('test', { level: 'silent' });
      const transport = createSmtpTransport({ url: smtpUrl, from: 'ORION <no-reply@orion.example>' });
      const jobs = createJobWorker({ service: 'notification', dataSource: database, databaseUrl: url, logger });
      const retry = { ...deliverMail.retry, maxAttempts, baseMs: 20, capMs: 100 };
      registerMailDelivery(jobs, {
        database,
        sealer,
        transport,
        logger,
        kind: { ...deliverMail, retry, concurrency: concurrency ?? deliverMail.concurrency },
      });
      const started = jobs.start();
      const worker = {
        async stop() {
          await started;
          await jobs.stop();
          transport.close();
        },
      };
      workers.push(worker);
      return worker;
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await database.destroy();
      await drop();
    },
  };
}

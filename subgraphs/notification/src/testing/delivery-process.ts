import { openDatabase } from '@orion/platform/database';
import { createJobWorker } from '@orion/platform/jobs';
import { createLogger } from '@orion/platform/log';
import { createSealer } from '@orion/platform/sealing';
import { deliverMail } from '../mail-delivery/deliver-mail.job.js';
import { registerMailDelivery } from '../mail-delivery/mail-delivery.js';
import { createSmtpTransport } from '../mail-delivery/smtp-transport.js';
import { migrations } from '../migrations/index.js';

/** A delivery worker as a process of its own, to be killed: node delivery-process.js DATABASE SEALING_KEY SMTP LEASE_MS */
const [databaseUrl = '', sealingKey = '', smtpUrl = '', leaseMs = ''] = process.argv.slice(2);
const database = await openDatabase({ url: databaseUrl, entities: [], migrations, applicationName: 'victim' });
const logger = createLogger('victim', { level: 'silent' });
const jobs = createJobWorker({ service: 'notification', dataSource: database, databaseUrl, logger });
registerMailDelivery(jobs, {
  database,
  sealer: createSealer(sealingKey),
  transport: createSmtpTransport({ url: smtpUrl, from: 'no-reply@orion.example' }),
  logger,
  kind: { ...deliverMail, leaseMs: Number(leaseMs) },
});
await jobs.start();

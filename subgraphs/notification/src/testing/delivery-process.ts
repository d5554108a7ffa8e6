import { openDatabase } from '@orion/platform/database';
import { createLogger } from '@orion/platform/log';
import { createSealer } from '@orion/platform/sealing';
import { startMailDelivery } from '../mail-delivery/mail-delivery.js';
import { createSmtpTransport } from '../mail-delivery/smtp-transport.js';
import { migrations } from '../migrations/index.js';

/** A delivery worker as a process of its own, to be killed: node delivery-process.js DATABASE SEALING_KEY SMTP LEASE_MS */
const [url = '', sealingKey = '', smtpUrl = '', leaseMs = ''] = process.argv.slice(2);
startMailDelivery({
  database: await openDatabase({ url, entities: [], migrations, applicationName: 'victim' }),
  sealer: createSealer(sealingKey),
  transport: createSmtpTransport({ url: smtpUrl, from: 'no-reply@orion.example' }),
  logger: createLogger('victim', { level: 'silent' }),
  policy: { leaseMs: Number(leaseMs), pollMs: 10 },
});

import { defineJob } from '@orion/platform/jobs';
import { z } from 'zod';
import { SEND_LIMIT_MS } from './smtp-transport.js';

/** Hands one mail to the mail server. Retries over about four hours: greylisting asks for minutes (RFC 6647), an outage for hours. */
export const deliverMail = defineJob({
  name: 'mail.deliver',
  schema: z.object({ mailId: z.uuid() }),
  retry: { maxAttempts: 10, baseMs: 5_000, factor: 3, capMs: 3_600_000 },
  timeoutMs: 2 * SEND_LIMIT_MS,
  concurrency: 20,
});

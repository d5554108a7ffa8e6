import { defineJob } from '@orion/platform/jobs';
import { z } from 'zod';
import { CONNECTIONS, SEND_LIMIT_MS } from './smtp-transport.js';

/** Mails that one process has in hand: enough that its connections are busy while it claims more. */
const IN_HAND = 100;

/** Hands one mail to the mail server. Retries over about four hours: greylisting asks for minutes (RFC 6647), an outage for hours. */
export const deliverMail = defineJob({
  name: 'mail.deliver',
  schema: z.object({ mailId: z.uuid() }),
  retry: { maxAttempts: 10, baseMs: 5_000, factor: 3, capMs: 3_600_000 },
  // None runs out of time while it waits for those before it.
  timeoutMs: (1 + IN_HAND / CONNECTIONS) * SEND_LIMIT_MS,
  concurrency: IN_HAND,
});

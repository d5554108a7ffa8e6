import type { EndedJob, JobKind, JobPriority, JobWorker } from '@orion/platform/jobs';
import type { Logger } from '@orion/platform/log';
import type { Sealer } from '@orion/platform/sealing';
import type { DataSource } from 'typeorm';
import { openBody } from '../mail/mail-body.js';
import { createMailBeginner } from './begin-mails.js';
import type { BegunMail } from './begin-mails.js';
import { deliverMail } from './deliver-mail.job.js';
import { settleMails } from './mail-outcome.js';
import type { MailOutcome } from './mail-outcome.js';
import { MailRefusedError } from './smtp-transport.js';
import type { MailTransport } from './smtp-transport.js';

/** Longest error text that is kept. */
const ERROR_LENGTH = 500;

type MailJob = typeof deliverMail extends JobKind<infer TData> ? TData : never;

/** The mail was not sent, and will be tried again: `outcome` says what is to be recorded of this attempt. */
class MailNotSentError extends Error {
  override readonly name = 'MailNotSentError';
  readonly outcome: MailOutcome;

  constructor(outcome: MailOutcome, cause: unknown) {
    super(outcome.error ?? 'not sent', { cause });
    this.outcome = outcome;
  }
}

/**
 * Lets the workers of the service send mails. The job and the outcome of the mail end in one transaction, so nothing is
 * lost when a process is killed. A mail may be sent twice by that: SMTP has no way to
 * learn whether a server took a mail when the connection or the process ended between the end of DATA and the record
 * of its reply (RFC 5321 4.5.3.2.6, RFC 1047). Each such crash costs at most one duplicate of a mail, under the same
 * Message-ID.
 */
export function registerMailDelivery(
  jobs: JobWorker,
  options: {
    readonly database: DataSource;
    readonly sealer: Sealer;
    readonly transport: MailTransport;
    readonly logger: Logger;
    /** Tests are less patient. */
    readonly kind?: typeof deliverMail;
  },
): void {
  const { database, transport, logger, kind = deliverMail } = options;
  const begin = createMailBeginner(database);
  jobs.handle(
    kind,
    async ({ data, attempt, priority }, { signal }) => {
      const mail = await begin(data.mailId);
      if (mail === undefined) return null;
      const outcome = await send(mail, { ...options, signal, priority, isLast: attempt >= kind.retry.maxAttempts });
      if (outcome.outcome === 'FAILED')
        logger.warn({ mailId: mail.id, attempt: mail.attempts, reason: outcome.error }, 'mail not sent');
      return outcome;
    },
    {
      record: (manager, ended) =>
        settleMails(
          manager,
          ended.flatMap((one) => outcomeOf(one, transport) ?? []),
        ),
    },
  );
}

/** Rejects with MailNotSentError when the mail is to be tried again. */
async function send(
  { id, recipient, subject, bodySealed, attempts: attempt }: BegunMail,
  options: {
    readonly sealer: Sealer;
    readonly transport: MailTransport;
    readonly signal: AbortSignal;
    readonly priority: JobPriority;
    readonly isLast: boolean;
  },
): Promise<MailOutcome> {
  const { sealer, transport, signal, priority, isLast } = options;
  const messageId = messageIdOf(id, transport);
  const told = { id, attempt, messageId };
  if (bodySealed === null) return { ...told, outcome: 'FAILED', error: 'there is nothing to send' };
  try {
    await transport.send({ to: recipient, subject, messageId, ...openBody(bodySealed, sealer) }, { signal, priority });
    return { ...told, outcome: 'SENT', error: null };
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, ERROR_LENGTH);
    if (isLast || error instanceof MailRefusedError) return { ...told, outcome: 'FAILED', error: reason };
    throw new MailNotSentError({ ...told, outcome: 'RETRY', error: reason }, error);
  }
}

/** What an attempt of the job says about the mail; undefined when it says nothing. */
function outcomeOf(ended: EndedJob<MailJob, MailOutcome | null>, transport: MailTransport): MailOutcome | undefined {
  const { job, outcome, result, thrown, error, isHeld, cause } = ended;
  const known = result ?? (thrown instanceof MailNotSentError ? thrown.outcome : undefined);
  // That it was sent is recorded whoever did it: a mail that somebody has is not to be sent again.
  if (!isHeld && known?.outcome !== 'SENT') return undefined;
  if (outcome === 'dead') {
    const { mailId: id } = job.data;
    return { id, attempt: null, messageId: messageIdOf(id, transport), outcome: 'FAILED', error, cause };
  }
  return known && { ...known, cause };
}

function messageIdOf(id: string, { domain }: MailTransport): string {
  return `${id}@${domain}`;
}

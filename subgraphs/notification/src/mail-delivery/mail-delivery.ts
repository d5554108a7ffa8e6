import { setTimeout as wait } from 'node:timers/promises';
import { backoffDelay } from '@orion/platform/events';
import type { Logger } from '@orion/platform/log';
import type { Sealer } from '@orion/platform/sealing';
import type { DataSource } from 'typeorm';
import { openBody } from '../mail/mail-body.js';
import { DELIVERY_POLICY } from './delivery-policy.js';
import type { DeliveryPolicy } from './delivery-policy.js';
import { createGroupCommit } from './group-commit.js';
import { claimMails } from './mail-claim.js';
import type { ClaimedMail } from './mail-claim.js';
import { settleMails } from './mail-outcome.js';
import type { MailOutcome } from './mail-outcome.js';
import { MailRefusedError } from './smtp-transport.js';
import type { MailTransport } from './smtp-transport.js';

/** Longest error text that is kept. */
const ERROR_LENGTH = 500;
const AFTER_ERROR_MS = 1_000;
/** How long `stop` lets mails finish that are being sent. */
const PATIENCE_MS = 5_000;

/** The worker that sends queued mails. */
export interface MailDelivery {
  /** Takes no more mails, finishes those in hand or gives them back, and closes the transport. */
  stop(): Promise<void>;
}

export interface MailDeliveryOptions {
  readonly database: DataSource;
  readonly sealer: Sealer;
  readonly transport: MailTransport;
  readonly logger: Logger;
  readonly policy?: Partial<DeliveryPolicy>;
}

/**
 * Sends what is queued; any number of processes may do so at once. A mail is claimed for a time and the result is
 * recorded afterwards, so nothing is lost when a process is killed. It may be sent twice by that: SMTP has no way to
 * learn whether a server took a mail when the connection or the process ended between the end of DATA and the record
 * of its reply (RFC 5321 4.5.3.2.6, RFC 1047). Each such crash costs at most one duplicate of a mail, under the same
 * Message-ID.
 */
export function startMailDelivery({
  database,
  sealer,
  transport,
  logger,
  policy: changes,
}: MailDeliveryOptions): MailDelivery {
  const policy: DeliveryPolicy = { ...DELIVERY_POLICY, ...changes };
  const stopping = new AbortController();
  const { signal } = stopping;
  const inHand = new Set<Promise<void>>();
  const settle = createGroupCommit<MailOutcome>((outcomes) => settleMails(database, outcomes));

  const pause = (milliseconds: number): Promise<void> =>
    // Rejects when stopped: then there is nothing to wait for any more.
    wait(milliseconds, undefined, { signal }).catch(() => undefined);

  async function deliver(mail: ClaimedMail): Promise<void> {
    const outcome = await attempt(mail, { sealer, transport, policy });
    if (outcome.outcome !== 'SENT') {
      logger.warn(
        { mailId: mail.id, attempt: mail.attempts, outcome: outcome.outcome, reason: outcome.error },
        'mail not sent',
      );
    }
    await record(outcome);
  }

  /** Tries until others may send the mail: when it was sent, each of them would make a duplicate. */
  async function record(outcome: MailOutcome): Promise<void> {
    for (const until = Date.now() + policy.leaseMs; ;) {
      try {
        return await settle(outcome);
      } catch (error) {
        logger.error({ err: error, mailId: outcome.id, outcome: outcome.outcome }, 'outcome of a mail not recorded');
        if (signal.aborted || Date.now() > until) return;
        await pause(AFTER_ERROR_MS);
      }
    }
  }

  async function turn(): Promise<void> {
    const mails = await claimMails(database.manager, { limit: policy.inFlight - inHand.size, leaseMs: policy.leaseMs });
    for (const mail of mails) {
      const delivered = deliver(mail).finally(() => inHand.delete(delivered));
      inHand.add(delivered);
    }
    if (mails.length === 0) await pause(policy.pollMs);
    // Claiming many at once is cheaper than one for each that is done.
    while (inHand.size > policy.inFlight / 2) await Promise.race(inHand);
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await turn();
      } catch (error) {
        logger.error({ err: error }, 'mail delivery cannot reach its database, trying again');
        await pause(AFTER_ERROR_MS);
      }
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      const impatience = new AbortController();
      const finished = running.then(() => Promise.all(inHand)).finally(() => impatience.abort());
      await wait(PATIENCE_MS, undefined, { signal: impatience.signal }).then(
        () => transport.close({ force: true }),
        // All is finished before the patience is.
        () => transport.close(),
      );
      await finished;
    },
  };
}

async function attempt(
  { id, recipient, subject, bodySealed, attempts }: ClaimedMail,
  {
    sealer,
    transport,
    policy,
  }: { readonly sealer: Sealer; readonly transport: MailTransport; readonly policy: DeliveryPolicy },
): Promise<MailOutcome> {
  const messageId = `${id}@${transport.domain}`;
  const ended = (outcome: MailOutcome['outcome'], error: string | null, delayMs = 0): MailOutcome => ({
    id,
    attempt: attempts,
    outcome,
    messageId,
    error,
    delayMs,
  });
  // The last attempt had its chance, and the process that made it died.
  if (attempts > policy.maxAttempts) return ended('FAILED', 'the last attempt was not finished');
  if (bodySealed === null) return ended('FAILED', 'there is nothing to send');
  try {
    await transport.send({ to: recipient, subject, messageId, ...openBody(bodySealed, sealer) });
    return ended('SENT', null);
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, ERROR_LENGTH);
    const isOver = error instanceof MailRefusedError || attempts === policy.maxAttempts;
    return isOver ? ended('FAILED', reason) : ended('RETRY', reason, backoffDelay(attempts, policy));
  }
}

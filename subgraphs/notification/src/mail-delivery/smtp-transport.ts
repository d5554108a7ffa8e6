import { Readable } from 'node:stream';
import type { NodemailerError } from 'nodemailer';
import SMTPPool from 'nodemailer/lib/smtp-pool';
import type { JobPriority } from '@orion/platform/jobs';
import { createMimeWriter } from './mime-message.js';
import type { MimeMessage, OutgoingMail } from './mime-message.js';
import { createSendTurns } from './send-turns.js';

/** Hands mails to a mail server. */
export interface MailTransport {
  /** Domain of the sender, for message ids. */
  readonly domain: string;
  /**
   * Resolves when the server has taken the mail; while all connections are busy, urgent mails pass others. Rejects with MailRefusedError when trying again is of no use, and when
   * `signal` is aborted: then nobody knows whether the server took it.
   */
  send(mail: OutgoingMail, options: { readonly signal: AbortSignal; readonly priority: JobPriority }): Promise<void>;
  /** Call it when nothing is being sent. */
  close(): void;
}

/** The server will not take this mail, today or tomorrow (a 5yz reply to sender, recipient or content, RFC 5321 4.2.1). */
export class MailRefusedError extends Error {
  override readonly name = 'MailRefusedError';
}

/** Connections at the most. */
export const CONNECTIONS = 5;
/** Handed to the pool at a time: the next mail is there when a connection comes free. */
const AT_ONCE = 2 * CONNECTIONS;
/** A silent server is given up after so many milliseconds. */
const SILENCE_MS = 20_000;
/** A server that talks but does not finish is given up after so many. */
export const SEND_LIMIT_MS = 40_000;

/** Shorter than servers wait, so that no mail meets a connection that the server has just closed. */
const IDLE_MS = 30_000;
/** Errors that are about this mail; any other 5yz (greeting, login) is about us and may be mended. */
const ABOUT_THE_MAIL: ReadonlySet<string | undefined> = new Set(['EENVELOPE', 'EMESSAGE']);
/** Authentication required (RFC 4954): about us as well, though it answers MAIL FROM. */
const LOGIN_FIRST = 530;

/** Keeps a pool of connections to the server at `url`, opened when there is something to send. */
export function createSmtpTransport({ url, from }: { readonly url: string; readonly from: string }): MailTransport {
  const pool = new SMTPPool({
    url,
    maxConnections: CONNECTIONS,
    // When a connection breaks, whether to send again is decided by the job, not here: it may have been taken.
    maxRequeues: 0,
    connectionTimeout: SILENCE_MS,
    greetingTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
    idleTimeout: IDLE_MS,
  });
  const write = createMimeWriter(from);
  const turns = createSendTurns(AT_ONCE);
  return {
    domain: /@([^>]+)>?$/.exec(from)?.[1] ?? 'localhost',
    async send(mail, { signal, priority }) {
      await turns.begin(priority, signal);
      const limit = new AbortController();
      const abort = () => limit.abort(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      const timer = setTimeout(
        () => limit.abort(new Error(`the mail server took longer than ${SEND_LIMIT_MS} ms`)),
        SEND_LIMIT_MS,
      );
      try {
        await handOver(pool, { ...write(mail), messageId: mail.messageId, signal: limit.signal });
      } catch (error) {
        throw isRefusal(error as NodemailerError)
          ? new MailRefusedError((error as Error).message, { cause: error })
          : error;
      } finally {
        clearTimeout(timer);
        turns.end();
        signal.removeEventListener('abort', abort);
      }
    },
    close: () => pool.close(),
  };
}

/** Gives the pool what it asks of a message that nodemailer's composer has made. */
function handOver(
  pool: SMTPPool,
  { from, to, content, messageId, signal }: MimeMessage & { readonly messageId: string; readonly signal: AbortSignal },
): Promise<unknown> {
  const message = {
    getEnvelope: () => ({ from, to: [to], size: content.length }),
    messageId: () => `<${messageId}>`,
    getHeader: () => `<${messageId}>`,
    createReadStream() {
      const stream = new Readable({ read: () => undefined });
      stream.push(content);
      stream.push(null);
      return stream;
    },
  };
  return new Promise((resolve, reject) => {
    pool.send({ data: { signal }, message } as unknown as PooledMail, (error, sent) =>
      error ? reject(error) : resolve(sent),
    );
  });
}

type PooledMail = Parameters<SMTPPool['send']>[0];

function isRefusal({ code, responseCode, permanent }: NodemailerError): boolean {
  // Without a reply, an error about the mail means that it could not even be offered.
  return ABOUT_THE_MAIL.has(code) && responseCode !== LOGIN_FIRST && (permanent === true || responseCode === undefined);
}

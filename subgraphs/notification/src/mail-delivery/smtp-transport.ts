import { createTransport } from 'nodemailer';
import type { NodemailerError } from 'nodemailer';

/** A mail ready to go. */
export interface OutgoingMail {
  /** Address, checked. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Without angle brackets: the same at every attempt, so that a receiver can tell a duplicate. */
  readonly messageId: string;
}

/** Hands mails to a mail server. */
export interface MailTransport {
  /** Domain of the sender, for message ids. */
  readonly domain: string;
  /**
   * Resolves when the server has taken the mail. Rejects with MailRefusedError when trying again is of no use, and when
   * `signal` is aborted: then nobody knows whether the server took it.
   */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<void>;
  /** Call it when nothing is being sent. */
  close(): void;
}

/** The server will not take this mail, today or tomorrow (a 5yz reply to sender, recipient or content, RFC 5321 4.2.1). */
export class MailRefusedError extends Error {
  override readonly name = 'MailRefusedError';
}

/** Connections at the most. */
const CONNECTIONS = 5;
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
  const pool = createTransport({
    url,
    pool: true,
    maxConnections: CONNECTIONS,
    // When a connection breaks, whether to send again is decided by the job, not here: it may have been taken.
    maxRequeues: 0,
    connectionTimeout: SILENCE_MS,
    greetingTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
    idleTimeout: IDLE_MS,
    // Nothing that a mail says makes this process read a file or fetch a page.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    domain: /@([^>]+)>?$/.exec(from)?.[1] ?? 'localhost',
    async send({ to, subject, text, html, messageId }, signal) {
      try {
        await pool.sendMail({
          from,
          // An object is one address, whatever it holds; text would be parsed as a list.
          to: { name: '', address: to },
          subject,
          text,
          html,
          messageId: `<${messageId}>`,
          // RFC 3834: no holiday replies to a program.
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.any([signal, AbortSignal.timeout(SEND_LIMIT_MS)]),
        });
      } catch (error) {
        throw isRefusal(error as NodemailerError)
          ? new MailRefusedError((error as Error).message, { cause: error })
          : error;
      }
    },
    close: () => pool.close(),
  };
}

function isRefusal({ code, responseCode, permanent }: NodemailerError): boolean {
  // Without a reply, an error about the mail means that it could not even be offered.
  return ABOUT_THE_MAIL.has(code) && responseCode !== LOGIN_FIRST && (permanent === true || responseCode === undefined);
}

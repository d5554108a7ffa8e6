import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerDataStream, SMTPServerEnvelope } from 'smtp-server';

/** A mail as the server got it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body as they came. */
  readonly raw: string;
  /** The same without quoted-printable (RFC 2045 6.7), as far as it is ASCII. */
  readonly plain: string;
}

/** A mail server on loopback. */
export interface SmtpSink {
  readonly url: string;
  /** What was taken. */
  readonly mails: readonly ReceivedMail[];
  stop(): Promise<void>;
}

/** How the server answers; by default it takes everything. An error's `responseCode` is the reply. */
export interface SmtpBehaviour {
  /** Number of the command (from 1) and the address: reply to RCPT TO. */
  readonly onRecipient?: (count: number, address: string) => Error | undefined;
  /** Reply at the end of DATA; a promise that does not resolve keeps the client waiting. */
  readonly onData?: (mail: ReceivedMail, count: number) => Error | undefined | Promise<undefined>;
  /** Without it, nobody may log in and nobody has to. */
  readonly login?: { readonly user: string; readonly password: string };
  readonly port?: number;
}

/** A negative reply. */
export function reply(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

const decode = (raw: string): string =>
  raw
    .replace(/=\r\n/g, '')
    .replace(/=([0-7][0-9A-F])/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

export async function startSmtpSink({ onRecipient, onData, login, port = 0 }: SmtpBehaviour = {}): Promise<SmtpSink> {
  const mails: ReceivedMail[] = [];
  let recipients = 0;
  let bodies = 0;
  const judge = async (
    stream: SMTPServerDataStream,
    { mailFrom, rcptTo }: SMTPServerEnvelope,
  ): Promise<Error | undefined> => {
    const raw = await text(stream);
    bodies += 1;
    const from = mailFrom === false ? '' : mailFrom.address;
    const mail = { from, to: rcptTo.map(({ address }) => address), raw, plain: decode(raw) };
    const error = await onData?.(mail, bodies);
    if (error === undefined) mails.push(mail);
    return error;
  };
  const server = new SMTPServer({
    authOptional: login === undefined,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS', ...(login === undefined ? ['AUTH'] : [])],
    onAuth: ({ username, password }, _session, callback) => {
      if (username === login?.user && password === login?.password) callback(null, { user: username });
      else callback(reply(535, 'wrong password'));
    },
    closeTimeout: 100,
    logger: false,
    onRcptTo: ({ address }, _session, callback) => {
      recipients += 1;
      callback(onRecipient?.(recipients, address));
    },
    onData: (stream, { envelope }, callback) => {
      void (async () => callback(await judge(stream, envelope)))();
    },
  });
  // A client that is killed resets its connection.
  server.on('error', () => undefined);
  const listening = server.listen(port, '127.0.0.1');
  await once(listening, 'listening');
  return {
    url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    mails,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

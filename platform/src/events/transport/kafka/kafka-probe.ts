import { once } from 'node:events';
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { KafkaAddress, KafkaTls } from '../../../config/index.js';
import {
  answerIn,
  apiVersionsRequest,
  readApiVersions,
  readSaslHandshake,
  saslHandshakeRequest,
} from './kafka-wire.js';
import type { ApiVersions, SaslHandshake } from './kafka-wire.js';

const TIMEOUT_MS = 5_000;

/** One connection to a broker, before anybody signs in. */
export interface KafkaProbe {
  apiVersions(): Promise<ApiVersions>;
  saslHandshake(mechanism: string): Promise<SaslHandshake>;
  close(): void;
}

/** Connects, with TLS when `tls` is given. Rejects with the error of the socket, or after 5 s of silence. */
export async function openKafkaProbe({ host, port }: KafkaAddress, tls: KafkaTls | undefined): Promise<KafkaProbe> {
  const socket =
    tls === undefined
      ? connectTcp({ host, port })
      : connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...tls });
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(systemError('ETIMEDOUT', `no answer within ${TIMEOUT_MS} ms`)));
  try {
    await once(socket, tls === undefined ? 'connect' : 'secureConnect');
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return {
    apiVersions: async () => readApiVersions(await ask(socket, apiVersionsRequest())),
    saslHandshake: async (mechanism) => readSaslHandshake(await ask(socket, saslHandshakeRequest(mechanism))),
    close: () => socket.destroy(),
  };
}

/** True when what listens there answers a TLS handshake, whatever it thinks of ours. */
export async function speaksTls({ host, port }: KafkaAddress): Promise<boolean> {
  // Nothing is sent over it and nothing believed: the question is only what protocol it is.
  const socket = connectTls({ host, port, rejectUnauthorized: false, timeout: TIMEOUT_MS });
  socket.once('timeout', () => socket.destroy(new Error('no answer')));
  try {
    await once(socket, 'secureConnect');
    return true;
  } catch (error) {
    // An alert is an answer in TLS: it wants a certificate of the client, or another version.
    return /ALERT/.test((error as NodeJS.ErrnoException).code ?? '');
  } finally {
    socket.destroy();
  }
}

/** What the system would say of it, had it noticed. */
function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Sends a request and takes one answer; one at a time. */
function ask(socket: Socket, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const settle = (settled: () => void): void => {
      socket.off('data', onData).off('error', onError).off('close', onClose);
      settled();
    };
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      try {
        const answer = answerIn(received);
        if (answer !== undefined) settle(() => resolve(answer));
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const onError = (error: Error): void => settle(() => reject(error));
    const onClose = (): void => settle(() => reject(systemError('ECONNRESET', 'the connection was closed')));
    socket.on('data', onData).on('error', onError).on('close', onClose);
    if (socket.destroyed) onClose();
    else socket.write(request);
  });
}

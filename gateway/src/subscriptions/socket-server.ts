import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import { isOriginAllowed } from '../http/apply-cors.js';
import { clientIpOf } from '../http/name-request.js';
import { refusalOf as rateRefusalOf } from '../security/rate-limit/rate-limits.js';
import type { RateVerdict } from '../security/rate-limit/rate-limits.js';
import type { Parts } from '../stage.js';
import { CLOSE } from './close-codes.js';
import { serveSocket } from './serve-socket.js';
import type { ServedSocket } from './serve-socket.js';
import { callerOf } from './socket-caller.js';

/** WebSockets of clients. */
export interface SocketServer {
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Says goodbye to every client; one with a query or mutation in flight gets its answer first. */
  drain(withinMs: number): Promise<void>;
}

const DRAIN_CHECK_MS = 20;

/** Accepts WebSockets on /graphql and checks what can be checked before a word is spoken. */
export function createSocketServer(parts: Parts): SocketServer {
  const { settings, connections, rateLimits, metrics, logger } = parts;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: settings.connections.frameBytes,
    // Compression costs 300 KB a socket and is a known way to exhaust a server's memory.
    perMessageDeflate: false,
    // A thousand messages in one packet are served one after the other, with room for everybody else in between.
    allowSynchronousEvents: false,
    handleProtocols: (protocols) => handleProtocols(protocols) || false,
  });
  const open = new Set<ServedSocket>();

  return {
    upgrade: (request, socket, head) => {
      // Until the handshake is done nobody else listens to this socket.
      const onError = (): void => void socket.destroy();
      socket.on('error', onError);
      const refusal = refusalOf(request, parts);
      if (refusal !== undefined) return refuse(socket, refusal);
      const clientIp = clientIpOf(request, settings.trustedProxyHops);
      const accept = (verdict: RateVerdict | undefined): void => {
        // It may be gone since it was counted, and would never give its connection back.
        if (socket.destroyed) return;
        if (verdict?.taken.isAllowed === false) {
          metrics.refused('RATE_LIMITED');
          return refuse(socket, rateRefusal(verdict));
        }
        const release = connections.open(clientIp);
        if (release === null)
          return refuse(socket, { status: TOO_MANY, message: 'Too many connections from this address.' });
        socket.once('close', release);
        server.handleUpgrade(request, socket, head, (webSocket) => {
          socket.off('error', onError);
          const served = serveSocket(webSocket, { request, connection: socket, clientIp, parts });
          open.add(served);
          webSocket.once('close', () => open.delete(served));
        });
      };
      // A handshake may bring a token, and guessing tokens is not free.
      const verdict = rateLimits.countClient(callerOf(request, clientIp));
      if (!(verdict instanceof Promise)) return accept(verdict);
      verdict.then(accept).catch((error: unknown) => {
        logger.error({ err: error }, 'a WebSocket could not be accepted');
        socket.destroy();
      });
    },
    drain: async (withinMs) => {
      const deadline = Date.now() + withinMs;
      const closed = new Promise<void>((resolve) => {
        const check = setInterval(() => {
          for (const served of open) {
            if (served.isIdle()) served.close(CLOSE.goingAway, 'Going away');
            if (Date.now() > deadline) served.terminate();
          }
          if (open.size > 0) return;
          clearInterval(check);
          resolve();
        }, DRAIN_CHECK_MS);
      });
      for (const served of open) if (served.isIdle()) served.close(CLOSE.goingAway, 'Going away');
      await closed;
      server.close();
    },
  };
}

interface UpgradeRefusal {
  readonly status: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const TOO_MANY = '429 Too Many Requests';

function rateRefusal(verdict: RateVerdict): UpgradeRefusal {
  const { message, headers } = rateRefusalOf(verdict);
  return { status: TOO_MANY, message, headers };
}

function refusalOf(request: IncomingMessage, { settings, state }: Parts): UpgradeRefusal | undefined {
  const path = (request.url ?? '/').split('?')[0];
  if (path !== '/graphql') return { status: '404 Not Found', message: 'WebSockets are served at /graphql.' };
  const { phase } = state();
  if (phase !== 'ready') return { status: '503 Service Unavailable', message: `The gateway is ${phase}.` };
  const { origin, host } = request.headers;
  if (origin !== undefined && !isOriginAllowed(origin, { settings, host })) {
    return { status: '403 Forbidden', message: `The origin ${origin.slice(0, 100)} is not allowed.` };
  }
  return undefined;
}

function refuse(socket: Duplex, { status, message, headers = {} }: UpgradeRefusal): void {
  const body = JSON.stringify({ errors: [{ message }] });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${status}\r\n${lines.join('')}content-type: application/json; charset=utf-8\r\nconnection: close\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

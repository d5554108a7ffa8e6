import { once } from 'node:events';
import { WebSocket } from 'ws';
import { errorText } from '../problem/index.js';
import { DEMO_SUBSCRIPTION } from './demo.js';

interface Message {
  readonly type: string;
  readonly payload?: unknown;
}

/**
 * Subscribes over graphql-transport-ws (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md). The protocol
 * has no "subscribed": an answer to a ping sent afterwards, with no error before it, shows that it was taken.
 * Resolves with null, or with what went wrong.
 */
export async function trySubscription(url: string, { token }: { readonly token: string }): Promise<string | null> {
  const socket = new WebSocket(url, 'graphql-transport-ws');
  const timeout = AbortSignal.timeout(5_000);
  const outcome = new Promise<string | null>((resolve) => {
    const send = (message: unknown): void => socket.send(JSON.stringify(message));
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as Message;
      if (message.type === 'connection_ack') {
        send({ id: '1', type: 'subscribe', payload: { query: DEMO_SUBSCRIPTION } });
        send({ type: 'ping' });
      }
      if (message.type === 'pong' || message.type === 'next') resolve(null);
      if (message.type === 'error') resolve(JSON.stringify(message.payload));
      if (message.type === 'complete') resolve('completed at once');
    });
    socket.on('open', () => send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
    socket.on('close', (code, reason) => resolve(`closed with ${code} ${reason.toString('utf8')}`));
    socket.on('error', (error) => resolve(errorText(error)));
    timeout.addEventListener('abort', () => resolve('no answer within 5 s'), { once: true });
  });
  const result = await outcome;
  if (socket.readyState === WebSocket.OPEN) {
    const closed = once(socket, 'close');
    socket.close(1000);
    await Promise.race([closed, once(timeout, 'abort')]);
  }
  socket.terminate();
  return result;
}

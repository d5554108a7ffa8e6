import { once } from 'node:events';
import { WebSocket } from 'ws';

/** One subscription on a WebSocket of its own that notes what it is sent, as it is sent. */
export interface RawSubscriber {
  readonly socket: WebSocket;
  /** Payloads of `next`, as JSON text. */
  readonly events: string[];
  /** Types of the messages that came, without `next`. */
  readonly others: string[];
  close(): void;
}

const PAYLOAD = '"payload":';

/** Resolves when the subscription is sent. */
export async function subscribeRaw(
  url: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<RawSubscriber> {
  const socket = new WebSocket(url, 'graphql-transport-ws');
  const events: string[] = [];
  const others: string[] = [];
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
  socket.on('message', (data) => {
    const text = (data as Buffer).toString('utf8');
    const { type } = JSON.parse(text) as { readonly type: string };
    if (type === 'next') events.push(text.slice(text.indexOf(PAYLOAD) + PAYLOAD.length, -1));
    else others.push(text);
  });
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables } }));
  return { socket, events, others, close: () => socket.terminate() };
}

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A relay on loopback that can do what networks do. */
export interface TcpProxy {
  readonly port: number;
  /** Ends every connection with RST. */
  reset(): void;
  /** Holds every piece of data, in both directions, for so long; 0 ends it. */
  setLatency(milliseconds: number): void;
  /**
   * The connections of now stay open and carry nothing any more, as when a firewall has forgotten them; new ones work.
   * Returns how many there were.
   */
  forgetConnections(): number;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  forgotten: boolean;
}

/** Listens on `port`, a free one by default, and hands everything on to `targetPort`. */
export async function startTcpProxy({
  targetPort,
  port = 0,
}: {
  readonly targetPort: number;
  readonly port?: number;
}): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let latencyMs = 0;

  function accept(client: Socket): void {
    const server = connect({ host: '127.0.0.1', port: targetPort, noDelay: true });
    client.setNoDelay(true);
    const pair: Pair = { client, server, forgotten: false };
    pairs.add(pair);
    forward(pair, { from: client, to: server });
    forward(pair, { from: server, to: client });
  }

  function forward(pair: Pair, { from, to }: { readonly from: Socket; readonly to: Socket }): void {
    const late: Buffer[] = [];
    const writeNext = () => {
      const data = late.shift();
      if (data !== undefined && !pair.forgotten && !to.destroyed) to.write(data);
    };
    from.on('data', (data) => {
      late.push(data);
      // Also when the latency has just ended: what is late stays before what follows.
      if (latencyMs === 0 && late.length === 1) writeNext();
      else setTimeout(writeNext, latencyMs);
    });
    from.on('error', () => from.destroy());
    from.on('close', () => {
      // Of a forgotten connection the other end never learns.
      if (!pair.forgotten) setTimeout(() => to.destroy(), latencyMs);
      if (pair.client.destroyed && pair.server.destroyed) pairs.delete(pair);
    });
  }

  const listener = createServer(accept).listen(port, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    reset() {
      for (const { client, server } of pairs) {
        client.resetAndDestroy();
        server.resetAndDestroy();
      }
    },
    setLatency(milliseconds) {
      latencyMs = milliseconds;
    },
    forgetConnections() {
      for (const pair of pairs) pair.forgotten = true;
      return pairs.size;
    },
    async close() {
      const closed = once(listener, 'close');
      listener.close();
      for (const { client, server } of pairs) {
        client.destroy();
        server.destroy();
      }
      await closed;
    },
  };
}

import { freePort } from '@orion/tools/ports';
import { startKafka } from '@orion/tools/kafka';
import { startTcpProxy } from '@orion/platform/testing';
import type { TcpProxy } from '@orion/platform/testing';
import type { TransportPlan } from '../process/plan.js';
import { startPostgresServer } from './postgres-server.js';
import { signal } from './signals.js';

export type TransportName = TransportPlan['kind'];

/** What carries the events, and can be treated badly: a Kafka broker, or the Postgres server of the bus. */
export interface Broker {
  readonly kind: TransportName;
  /** In front of it, for clients that were given a plan with `proxied`. */
  readonly proxy: TcpProxy;
  /** How clients of one run reach it. `run` names its bus database. */
  planFor(run: string, options: { readonly proxied: boolean }): Promise<TransportPlan>;
  /** SIGSTOP: connections stay open and nothing answers. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** SIGKILL, for Postgres SIGQUIT: connections are reset. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Of the Postgres bus only. */
  backUp(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a broker of the kind. */
export function startBroker(kind: TransportName): Promise<Broker> {
  return kind === 'postgres' ? startPostgresBroker() : startKafkaBroker();
}

async function startPostgresBroker(): Promise<Broker> {
  const server = await startPostgresServer();
  const proxy = await startTcpProxy({ targetPort: server.port });
  return {
    ...server,
    kind: 'postgres',
    proxy,
    async planFor(run, { proxied }) {
      const url = new URL(await server.createDatabase(`bus_${run}`));
      if (proxied) url.port = String(proxy.port);
      return { kind: 'postgres', busUrl: url.href };
    },
    async close() {
      await proxy.close();
      await server.close();
    },
  };
}

async function startKafkaBroker(): Promise<Broker> {
  // Clients go where the broker says it is: to the proxy, which for other rows hands on what it gets.
  const port = await freePort();
  const proxy = await startTcpProxy({ targetPort: port });
  const broker = await startKafka({ port, advertisedPort: proxy.port });
  const onlyPostgres = () => Promise.reject(new Error('only the Postgres bus can be restored'));
  return {
    kind: 'kafka',
    proxy,
    planFor: () => Promise.resolve({ kind: 'kafka', brokers: `127.0.0.1:${proxy.port}` }),
    freeze: async () => void signal(broker.pid(), 'SIGSTOP'),
    thaw: async () => void signal(broker.pid(), 'SIGCONT'),
    crash: () => broker.kill('SIGKILL'),
    start: () => broker.restart(),
    backUp: onlyPostgres,
    restore: onlyPostgres,
    async close() {
      signal(broker.pid(), 'SIGCONT');
      await proxy.close();
      await broker.stop();
    },
  };
}

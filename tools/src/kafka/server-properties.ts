import { protectionProperties } from './listeners.js';
import type { KafkaProtection } from './listeners.js';

export interface BrokerAddresses {
  /** Of the plaintext listener for clients. */
  readonly port: number;
  /** What this listener tells its clients to connect to: something that stands before the broker. */
  readonly advertisedPort: number;
  /** For the broker itself and to find out whether it is ready. */
  readonly internalPort: number;
  readonly controllerPort: number;
  /** Of each listener with TLS or SASL, by its name. */
  readonly protectedPorts: Readonly<Record<string, number>>;
}

/**
 * One node that is broker and controller (KRaft), on loopback. The quorum is the static kind
 * (`controller.quorum.voters`): the dynamic kind writes the controller's port into the data, and a broker could not
 * come back on another one.
 */
export function serverProperties(
  dataDir: string,
  {
    logDirectory,
    addresses,
    protection,
  }: { readonly logDirectory: string; readonly addresses: BrokerAddresses; readonly protection: KafkaProtection },
): string {
  const { port, advertisedPort, internalPort, controllerPort, protectedPorts } = addresses;
  const internal = `INTERNAL://127.0.0.1:${internalPort}`;
  // Certificates are for a name.
  const others = Object.entries(protectedPorts).map(([name, at]) => `${name.toUpperCase()}://localhost:${at}`);
  const protocols = protection.listeners.map(({ name, protocol }) => `${name.toUpperCase()}:${protocol}`);
  const properties: Readonly<Record<string, string | number>> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: [`CLIENTS://127.0.0.1:${port}`, internal, `CONTROLLER://127.0.0.1:${controllerPort}`, ...others].join(
      ',',
    ),
    'advertised.listeners': [`CLIENTS://127.0.0.1:${advertisedPort}`, internal, ...others].join(','),
    'inter.broker.listener.name': 'INTERNAL',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': ['CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT,CLIENTS:PLAINTEXT', ...protocols].join(
      ',',
    ),
    'log.dirs': logDirectory,
    'num.partitions': 6,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 3,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 3,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // A first member need not wait for others that never come.
    'group.initial.rebalance.delay.ms': 0,
    // After kill -9 a restarted broker waits until its former session has ended; 9 s by default.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    'num.network.threads': 2,
    'num.io.threads': 2,
    ...protectionProperties(dataDir, protection),
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

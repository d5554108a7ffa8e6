export interface BrokerAddresses {
  readonly port: number;
  readonly controllerPort: number;
}

/**
 * One node that is broker and controller (KRaft), on loopback. The quorum is the static kind
 * (`controller.quorum.voters`): the dynamic kind writes the controller's port into the data, and a broker could not
 * come back on another one.
 */
export function serverProperties(logDirectory: string, { port, controllerPort }: BrokerAddresses): string {
  const client = `PLAINTEXT://127.0.0.1:${port}`;
  const controller = `CONTROLLER://127.0.0.1:${controllerPort}`;
  const properties: Readonly<Record<string, string | number>> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `${client},${controller}`,
    'advertised.listeners': client,
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
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
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

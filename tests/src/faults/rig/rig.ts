import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openConsumerDatabase, openProducerDatabase } from '../process/databases.js';
import type { ConsumerPlan, ProcessPlan, ProducerPlan, RelayPlan, TransportPlan } from '../process/plan.js';
import { startBroker } from './broker.js';
import type { Broker, TransportName } from './broker.js';
import { keepRunning } from './kept-process.js';
import type { KeptProcess } from './kept-process.js';
import { startPostgresServer } from './postgres-server.js';
import type { PostgresServer } from './postgres-server.js';

/** The servers that rows run on, one after the other. */
export interface Servers {
  readonly producer: PostgresServer;
  readonly consumer: PostgresServer;
  readonly broker: Broker;
  close(): Promise<void>;
}

/** Starts a server for each of the three places where data is: each can be taken away alone. */
export async function startServers(transport: TransportName): Promise<Servers> {
  const [producer, consumer, broker] = await Promise.all([
    startPostgresServer(),
    startPostgresServer(),
    startBroker(transport),
  ]);
  return {
    producer,
    consumer,
    broker,
    async close() {
      await Promise.all([producer.close(), consumer.close(), broker.close()]);
    },
  };
}

export interface RigOptions {
  /** Clients reach the bus through `broker.proxy`. Kafka's always do. */
  readonly proxied?: boolean;
}

type Overrides<Plan> = Partial<Omit<Plan, 'role' | 'databaseUrl' | 'topic'>>;

/** Databases, a topic and a group that no other run uses, and the processes on them. */
export interface Rig extends Servers {
  readonly producerUrl: string;
  readonly consumerUrl: string;
  readonly topic: string;
  readonly group: string;
  readonly transportPlan: TransportPlan;
  readonly logDir: string;
  /** Each of these is started again when it dies; the function says what each incarnation does. */
  startProducer(plan?: Overrides<ProducerPlan>): KeptProcess;
  startRelay(planOf?: (incarnation: number) => Overrides<RelayPlan>): KeptProcess;
  startConsumer(planOf?: (incarnation: number) => Overrides<ConsumerPlan>): KeptProcess;
  /** Processes of this run that were not stopped. */
  running(): readonly KeptProcess[];
  destroyProcesses(): Promise<void>;
}

const PRODUCER = {
  rate: 200,
  keys: 40,
  workers: 4,
  perTransaction: 1,
  count: 0,
  poisonEvery: 0,
  failThreeEvery: 0,
  paddingBytes: 100,
  version: 1,
  keyPrefix: 'key',
} as const;
const CONSUMER = {
  hooks: {},
  ordering: 'key',
  batchSize: 50,
  retry: { maxAttempts: 8, baseMs: 100 },
  inBatches: false,
  version: 1,
} as const;

/** Makes what one run needs, with its tables. */
export async function openRig(servers: Servers, { proxied = false }: RigOptions = {}): Promise<Rig> {
  const run = randomBytes(5).toString('hex');
  const [producerUrl, consumerUrl, transportPlan, logDir] = await Promise.all([
    servers.producer.createDatabase(`producer_${run}`),
    servers.consumer.createDatabase(`consumer_${run}`),
    servers.broker.planFor(run, { proxied }),
    mkdtemp(join(tmpdir(), 'orion-faults-log-')),
  ]);
  for (const opened of [openProducerDatabase(producerUrl), openConsumerDatabase(consumerUrl)]) {
    await (await opened).destroy();
  }
  const topic = `orion.faults_${run}`;
  const group = `faults.${run}`;
  const kept: KeptProcess[] = [];
  const stopped = new Set<KeptProcess>();

  function start(role: string, planOf: (incarnation: number) => ProcessPlan): KeptProcess {
    const name = `${role}-${kept.length + 1}`;
    const started = keepRunning(name, { planOf, logFile: join(logDir, `${name}.log`) });
    const tracked: KeptProcess = {
      ...started,
      async stop() {
        stopped.add(tracked);
        return started.stop();
      },
    };
    kept.push(tracked);
    return tracked;
  }

  return {
    ...servers,
    producerUrl,
    consumerUrl,
    topic,
    group,
    transportPlan,
    logDir,
    startProducer: (plan = {}) =>
      start('producer', () => ({ ...PRODUCER, ...plan, role: 'producer', databaseUrl: producerUrl, topic })),
    startRelay: (planOf = () => ({})) =>
      start('relay', (incarnation) => ({
        hooks: {},
        transport: transportPlan,
        ...planOf(incarnation),
        role: 'relay',
        databaseUrl: producerUrl,
        topic,
      })),
    startConsumer: (planOf = () => ({})) =>
      start('consumer', (incarnation) => ({
        ...CONSUMER,
        group,
        transport: transportPlan,
        ...planOf(incarnation),
        role: 'consumer',
        databaseUrl: consumerUrl,
        topic,
      })),
    running: () => kept.filter((one) => !stopped.has(one)),
    async destroyProcesses() {
      await Promise.all(kept.map((one) => one.destroy()));
    },
    // The servers stay for the next run.
    close: () => Promise.resolve(),
  };
}

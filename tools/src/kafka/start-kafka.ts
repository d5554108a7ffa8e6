import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../ports/index.js';
import { brokerReady } from './broker-ready.js';
import { startGuarded } from './guarded-process.js';
import type { GuardedProcess } from './guarded-process.js';
import { resolveJars } from './jars.js';
import { findJava } from './java.js';
import { scramArguments, writeStores } from './listeners.js';
import type { KafkaProtection } from './listeners.js';
import { serverProperties } from './server-properties.js';
import type { BrokerAddresses } from './server-properties.js';
import { DEFAULT_KAFKA_VERSION } from './version.js';
import type { KafkaVersion } from './version.js';

export interface KafkaOptions {
  readonly version?: KafkaVersion;
  /** Folder of the data; kept. Without it a temporary one is used and removed by `stop`. */
  readonly dataDir?: string;
  /** Port for clients; 0, the default, takes a free one. */
  readonly port?: number;
  /**
   * Port that the client listener tells its clients to connect to, when something stands before the broker; its own by
   * default. The broker itself does not go that way, and need not find anything there.
   */
  readonly advertisedPort?: number;
  /** Listeners with TLS or SASL, beside the plaintext one. */
  readonly protection?: KafkaProtection;
  /** How long the broker may take to answer, in milliseconds; 60 000 by default. */
  readonly timeoutMs?: number;
}

export interface KafkaBroker {
  /** Bootstrap address, `host:port`: the value of KAFKA_BROKERS. */
  readonly brokers: string;
  /** `host:port` of a listener of KafkaOptions.protection; of the plaintext one without a name it is `brokers`. */
  addressOf(listener: string): string;
  readonly version: KafkaVersion;
  readonly dataDir: string;
  /** What the broker logs, warnings and worse. */
  readonly logFile: string;
  /** Process id of the JVM. */
  pid(): number;
  /** Stops the broker in order and removes temporary data. Safe to call twice. */
  stop(): Promise<void>;
  /** Sends a signal to the JVM and waits until it is gone; the data stay. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts the broker again, on the same data and port; stops it first when it runs. */
  restart(): Promise<void>;
}

const HEAP = '-Xmx384m';
const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
const STOP_TIMEOUT_MS = 10_000;
/** Another process may take a port between the look and the bind. */
const PORT_ATTEMPTS = 3;

/**
 * Starts a real Apache Kafka broker, a single KRaft node on loopback, and resolves when a client can use it.
 * Throws a Problem when Java or Maven is missing, and an Error with the end of the log when the broker
 * does not start.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaBroker> {
  const version = options.version ?? DEFAULT_KAFKA_VERSION;
  const java = await findJava();
  const jars = await resolveJars(version);
  const dataDir =
    options.dataDir === undefined ? await mkdtemp(join(tmpdir(), 'orion-kafka-')) : resolve(options.dataDir);
  const logFile = join(dataDir, 'kafka.log');
  const { protection = { listeners: [] }, timeoutMs = 60_000 } = options;
  const site: Site = { java, jars, dataDir, logFile, protection, timeoutMs };
  const removeTemporaryData = async (): Promise<void> => {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  let current: { readonly broker: GuardedProcess; readonly addresses: BrokerAddresses };
  try {
    await mkdir(dataDir, { recursive: true });
    await writeStores(dataDir, protection);
    current = await startOnFreePort(site, options);
  } catch (error) {
    await removeTemporaryData();
    throw error;
  }
  const { addresses } = current;
  let stopped: Promise<void> | undefined;
  return {
    brokers: `127.0.0.1:${addresses.port}`,
    addressOf(listener) {
      const port = addresses.protectedPorts[listener];
      if (port === undefined) throw new Error(`this Kafka broker has no listener "${listener}"`);
      return `localhost:${port}`;
    },
    version,
    dataDir,
    logFile,
    pid: () => current.broker.pid,
    async kill(signal) {
      current.broker.kill(signal);
      await current.broker.ended;
    },
    async restart() {
      if (stopped !== undefined) throw new Error('this Kafka broker was stopped for good');
      await end(current.broker);
      current = { addresses, broker: await launch(site, addresses) };
    },
    stop() {
      stopped ??= end(current.broker).then(removeTemporaryData);
      return stopped;
    },
  };
}

interface Site {
  readonly java: string;
  readonly jars: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly protection: KafkaProtection;
  readonly timeoutMs: number;
}

async function startOnFreePort(
  site: Site,
  { port = 0, advertisedPort }: KafkaOptions,
): Promise<{ readonly broker: GuardedProcess; readonly addresses: BrokerAddresses }> {
  for (let attempt = 1; ; attempt += 1) {
    const own = port === 0 ? await freePort() : port;
    const names = site.protection.listeners.map(({ name }) => name);
    const addresses = {
      port: own,
      advertisedPort: advertisedPort ?? own,
      internalPort: await freePort(),
      controllerPort: await freePort(),
      protectedPorts: Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await freePort()] as const)),
      ),
    };
    try {
      return { addresses, broker: await launch(site, addresses) };
    } catch (error) {
      const isPortTaken = error instanceof Error && error.message.includes('Address already in use');
      if (!isPortTaken || port !== 0 || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function launch(site: Site, addresses: BrokerAddresses): Promise<GuardedProcess> {
  const { java, jars, dataDir, logFile, protection } = site;
  const properties = join(dataDir, 'server.properties');
  const logs = join(dataDir, 'log');
  await writeFile(properties, serverProperties(dataDir, { logDirectory: logs, addresses, protection }));
  const clusterId = (await clusterIdOf(logs)) ?? (await format(site, properties));
  await writeFile(logFile, '');
  const args = [HEAP, '-XX:+UseSerialGC', QUIET, '-cp', join(jars, '*'), 'kafka.Kafka', properties];
  const broker = await startGuarded(java, { args, cwd: dataDir, logFile });
  try {
    if (await brokerReady(`127.0.0.1:${addresses.internalPort}`, { broker, clusterId, timeoutMs: site.timeoutMs }))
      return broker;
  } catch (error) {
    await end(broker);
    throw error;
  }
  const { status } = await broker.ended;
  throw new Error(
    `the Kafka broker ended with status ${status} before it was ready; ${logFile} ends with:\n${await lastLines(logFile)}`,
  );
}

/** The id that the data folder was formatted with, if it was. */
async function clusterIdOf(logs: string): Promise<string | undefined> {
  const meta = join(logs, 'meta.properties');
  if (!existsSync(meta)) return undefined;
  return /^cluster\.id=(.+)$/m.exec(await readFile(meta, 'utf8'))?.[1];
}

/** Gives the data folder its cluster id, and returns it. The tool takes a leading "-" for an option. */
async function format({ java, jars, protection }: Site, properties: string): Promise<string> {
  let clusterId: string;
  do clusterId = randomBytes(16).toString('base64url');
  while (clusterId.startsWith('-'));
  const args = [
    '-XX:TieredStopAtLevel=1',
    QUIET,
    '-cp',
    join(jars, '*'),
    'kafka.tools.StorageTool',
    'format',
    '--ignore-formatted',
    '-t',
    clusterId,
    '-c',
    properties,
    ...scramArguments(protection),
  ];
  await promisify(execFile)(java, args, { maxBuffer: 16 * 1024 * 1024 });
  return clusterId;
}

async function end(broker: GuardedProcess): Promise<void> {
  broker.kill('SIGTERM');
  const timer = setTimeout(() => broker.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await broker.ended;
  clearTimeout(timer);
}

async function lastLines(file: string): Promise<string> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  // The cause is named long before the last line: a stack trace follows it.
  const causes = lines.filter((line) => /ERROR|Caused by/.test(line));
  return (causes.length > 0 ? causes : lines).slice(-6).join('\n');
}

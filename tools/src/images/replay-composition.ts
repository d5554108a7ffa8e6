import { randomBytes } from 'node:crypto';
import { Problem } from '../problem/index.js';
import { mainServices } from './compose-images.js';
import type { ComposeFile } from './compose-file.js';
import { substitute } from './interpolation.js';
import type { ReplayedStage } from './replay-stages.js';
import { launchImage, startImage } from './start-image.js';
import type { LaunchedImage } from './start-image.js';

export interface CompositionOptions {
  /** By the name of the service in the Compose file. */
  readonly images: ReadonlyMap<string, ReplayedStage>;
  /** Superuser on a server that may be changed. */
  readonly postgresUrl: string;
  readonly onStep?: (step: string) => void;
}

export interface CompositionResult {
  /** A registration through the gateway was accepted: signed context, database and password hash all work. */
  readonly registered: true;
  /** Public keys of access tokens that the gateway hands out. */
  readonly keys: number;
  /** Exit status of every service after SIGTERM. */
  readonly exits: ReadonlyMap<string, number | null>;
}

/**
 * What `docker compose up` does with the services that are built here, as processes: the one-shots, then the subgraphs,
 * then the gateway, each with the environment that the Compose file gives it. Only addresses are changed: PostgreSQL is
 * the given server, and every service listens on a free loopback port. Throws a Problem when one does not come up.
 */
export async function replayComposition(
  file: ComposeFile,
  { images, postgresUrl, onStep }: CompositionOptions,
): Promise<CompositionResult> {
  const values = standInValues(file);
  const ports = new Map<string, number>();
  const running = new Map<string, LaunchedImage>();
  const environmentOf = (service: string): Record<string, string> =>
    environment(file, { service, values, postgresUrl, ports });
  const stop = async (): Promise<Map<string, number | null>> => {
    const exits = new Map<string, number | null>();
    for (const [service, { child, ended }] of [...running].toReversed()) {
      child.kill('SIGTERM');
      exits.set(service, (await ended).exit);
    }
    return exits;
  };
  try {
    for (const [service, { command }] of Object.entries(file.services)) {
      const image = images.get(service);
      if (image === undefined || command === undefined) continue;
      const outcome = await startImage(image, { environment: environmentOf(service), command });
      if (outcome.kind !== 'ended' || outcome.exit !== 0)
        throw new Problem(`${service} did not do its work: ${JSON.stringify(outcome)}`);
      onStep?.(`${service}: ${outcome.output.trim()}`);
    }
    const services = mainServices(file).map(({ service }) => service);
    for (const service of [...services.filter((name) => name !== 'gateway'), 'gateway']) {
      const image = images.get(service);
      if (image === undefined) throw new Problem(`The image of ${service} was not replayed.`);
      const launched = launchImage(image, { environment: { ...environmentOf(service), HOST: '127.0.0.1', PORT: '0' } });
      running.set(service, launched);
      const outcome = await Promise.race([launched.ready, launched.ended]);
      if (typeof outcome !== 'number') throw new Problem(`${service} ended with ${outcome.exit}:\n${outcome.output}`);
      ports.set(service, outcome);
      const { status } = await fetch(`http://127.0.0.1:${outcome}/health`);
      onStep?.(`${service}: /health ${status}`);
      if (status !== 200) throw new Problem(`${service} is not healthy: ${status}`);
    }
    const gateway = `http://127.0.0.1:${ports.get('gateway')}`;
    const result = { registered: await register(gateway), keys: await countKeys(gateway) };
    return { ...result, exits: await stop() };
  } catch (error) {
    await stop();
    throw error;
  }
}

const REGISTER = `mutation {
  register(input: { email: "someone@orion.test", password: "a password for a replay", displayName: "Someone", locale: "en" }) { accepted }
}`;

async function register(gateway: string): Promise<true> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${gateway}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query: REGISTER }),
  });
  const text = await response.text();
  const { data } = JSON.parse(text) as {
    readonly data?: { readonly register?: { readonly accepted?: boolean } | null } | null;
  };
  if (data?.register?.accepted === true) return true;
  throw new Problem(`A registration through the gateway was not accepted: ${response.status} ${text}`);
}

async function countKeys(gateway: string): Promise<number> {
  const response = await fetch(`${gateway}/.well-known/jwks.json`);
  const { keys = [] } = (await response.json()) as { readonly keys?: readonly unknown[] };
  return keys.length;
}

/** What a person would write into .env: secrets, and a mail server that is never called. */
function standInValues(file: ComposeFile): Record<string, string> {
  const names = new Set([...JSON.stringify(file.services).matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name ?? ''));
  const secrets = [...names].filter((name) => /(?:PASSWORD|SECRET)$/.test(name));
  return {
    ...Object.fromEntries(secrets.map((name) => [name, randomBytes(24).toString('hex')])),
    ORION_SEALING_KEY: randomBytes(32).toString('base64'),
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'ORION <no-reply@orion.test>',
  };
}

interface Deployment {
  readonly service: string;
  readonly values: Readonly<Record<string, string>>;
  readonly postgresUrl: string;
  readonly ports: ReadonlyMap<string, number>;
}

function environment(file: ComposeFile, { service, values, postgresUrl, ports }: Deployment): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(file.services[service]?.environment ?? {})) {
    const text = value === null ? values[name] : substitute(String(value), values);
    if (text === undefined) continue;
    // The superuser of the given server has a name and a password of its own.
    const own = text.startsWith('postgres://postgres:')
      ? postgresUrl
      : text.replace(/@postgres:5432\b/, `@${new URL(postgresUrl).host}`);
    result[name] = own.replaceAll(/\/\/([a-z-]+):40\d\d\b/g, (all, host: string) => {
      const port = ports.get(host);
      return port === undefined ? all : `//127.0.0.1:${port}`;
    });
  }
  return result;
}

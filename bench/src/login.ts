import { availableParallelism } from 'node:os';
import { verify } from '@node-rs/argon2';
import { CONTEXT_HEADER, signContext } from '@orion/platform/identity';
import { uuidv7 } from '@orion/platform/ids';
import type { Platform } from '@orion/tools/platform';
import pg from 'pg';
import { latencies, timed } from './measure.js';
import type { Figure } from './measure.js';
import { processFamily, TICKS_PER_SECOND } from './process-family.js';

const PASSWORD = 'correct horse battery';
/** So many that none has more sessions at once than somebody may. */
const ACCOUNTS = 40;
/** Fewer than may fail at once: a login that waits for another is not what is measured. */
const CLIENTS = 4;
const ROUNDS = 4;
const ROUND_MS = 4_000;
const WARM_UP_MS = 2_000;

const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { accepted } }';
const LOGIN =
  'mutation ($input: LoginInput!) { login(input: $input) { tokens { accessToken deviceToken } userErrors { code } } }';

/** What was done in some time, and what it cost. */
interface Run {
  readonly samples: number[];
  ms: number;
  /** CPU seconds by process; `bench` is this one. */
  readonly cpu: Map<string, number>;
}

/** Sign-ins with a password, beside the bare check of the same hash: rounds of both take turns in one run. */
export async function measureLogin(url: string, platform: Platform): Promise<readonly Figure[]> {
  const { stored, bodies } = await accounts(url, platform.databaseUrls['auth'] ?? '');
  const { contextSecret: secret, ports } = platform;
  let turn = 0;
  const nextBody = (): string => bodies[(turn += 1) % bodies.length] ?? '';
  const direct = async (): Promise<void> => {
    const body = nextBody();
    const origin = { viewer: null, requestId: uuidv7(), clientIp: '127.0.0.1', userAgent: 'bench' };
    const context = await signContext(origin, { secret, audience: 'auth', body });
    await signIn(`http://127.0.0.1:${ports['auth']}/graphql`, body, { [CONTEXT_HEADER]: context });
  };
  const through = async (): Promise<void> => void (await signIn(url, nextBody()));
  const bare = async (): Promise<void> => {
    if (!(await verify(stored, PASSWORD))) throw new Error('the hash is of another password');
  };
  const cores = availableParallelism();
  const kinds = [
    { work: bare, clients: cores, run: emptyRun() },
    { work: direct, clients: CLIENTS, run: emptyRun() },
    { work: through, clients: CLIENTS, run: emptyRun() },
  ] as const;
  for (const { work, clients } of kinds) await drive(work, { clients, ms: WARM_UP_MS });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { work, clients, run } of kinds) await measured(run, () => drive(work, { clients, ms: ROUND_MS }));
  }
  const [hash, alone, gateway] = kinds.map(({ run }) => run);
  if (hash === undefined || alone === undefined || gateway === undefined) throw new Error('nothing was measured');
  const hashMs = costOf(hash, 'bench');
  return [
    { name: 'cost of the hash', value: stored.split('$').slice(1, 4).join(' ') },
    {
      name: `bare check of the hash, ${cores} at once`,
      value: `${rate(hash)}/s, CPU of one ${hashMs.toFixed(1)} ms, per core ${(1_000 / hashMs).toFixed(0)}/s`,
    },
    ...figures('login, the auth subgraph alone', alone, { hash, hashMs, services: ['auth'] }),
    ...figures('login, through the gateway', gateway, { hash, hashMs, services: ['auth', 'gateway'] }),
  ];
}

function figures(
  name: string,
  run: Run,
  { hash, hashMs, services }: { readonly hash: Run; readonly hashMs: number; readonly services: readonly string[] },
): Figure[] {
  const costs = [...services, 'postgres'].map((service) => `${service} ${costOf(run, service).toFixed(1)} ms`);
  const spent = services.reduce((sum, service) => sum + costOf(run, service), 0);
  return [
    { name: `${name}: ${CLIENTS} clients`, value: `${rate(run)}/s, ${latencies(run.samples)}` },
    { name: `${name}: CPU of one`, value: costs.join(', ') },
    { name: `${name}: per core`, value: `${(1_000 / spent).toFixed(1)}/s of ${services.join(' and ')}` },
    {
      name: `${name}: beside the bare hash`,
      value: `${(hashMs / spent).toFixed(2)} per core of ${services.join(' and ')}, ${(rate(run) / rate(hash)).toFixed(2)} with everything on the same cores`,
    },
  ];
}

/** People who signed in before on the device that they sign in on now, and the hash of their password. */
async function accounts(
  url: string,
  databaseUrl: string,
): Promise<{ readonly stored: string; readonly bodies: readonly string[] }> {
  const names = Array.from({ length: ACCOUNTS }, (_, index) => `bench-${Date.now()}-${index}@example.com`);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const bodies: string[] = [];
    for (const email of names) {
      const input = { email, password: PASSWORD, displayName: 'Bench' };
      await post(url, JSON.stringify({ query: REGISTER, variables: { input } }));
      await client.query('UPDATE credentials SET email_verified_at = now() WHERE email = $1', [email]);
      const login = (deviceToken: string | null) =>
        JSON.stringify({ query: LOGIN, variables: { input: { email, password: PASSWORD, deviceToken } } });
      bodies.push(login(await signIn(url, login(null))));
    }
    const { rows } = await client.query<{ hash: string }>(
      'SELECT password_hash AS hash FROM credentials WHERE email = $1',
      [names[0]],
    );
    if (rows[0] === undefined) throw new Error('no account was made');
    return { stored: rows[0].hash, bodies };
  } finally {
    await client.end();
  }
}

const emptyRun = (): Run => ({ samples: [], ms: 0, cpu: new Map() });
const rate = ({ samples, ms }: Run): number => Number(((samples.length / ms) * 1_000).toFixed(1));
const costOf = ({ samples, cpu }: Run, service: string): number => ((cpu.get(service) ?? 0) / samples.length) * 1_000;

/** Adds what `work` takes to a run. */
async function measured(run: Run, work: () => Promise<number[]>): Promise<void> {
  const before = await cpuByProcess();
  const { result, ms } = await timed(work);
  for (const [service, spent] of await cpuByProcess())
    run.cpu.set(service, (run.cpu.get(service) ?? 0) + spent - (before.get(service) ?? 0));
  run.samples.push(...result);
  run.ms += ms;
}

async function drive(
  work: () => Promise<void>,
  { clients, ms }: { readonly clients: number; readonly ms: number },
): Promise<number[]> {
  const until = performance.now() + ms;
  const samples: number[] = [];
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < until) samples.push((await timed(work)).ms);
    }),
  );
  return samples;
}

async function cpuByProcess(): Promise<Map<string, number>> {
  const spent = new Map<string, number>();
  for (const { name, ticks } of await processFamily(process.pid)) {
    const service = name.startsWith('postgres') ? 'postgres' : name;
    spent.set(service, (spent.get(service) ?? 0) + ticks / TICKS_PER_SECOND);
  }
  const { user, system } = process.cpuUsage();
  return spent.set('bench', (user + system) / 1e6);
}

/** The token of the device. */
async function signIn(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const text = await post(url, body, headers);
  const token = /"deviceToken":"([^"]+)"/.exec(text)?.[1];
  if (token === undefined) throw new Error(`not signed in: ${text.slice(0, 500)}`);
  return token;
}

async function post(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return response.text();
}

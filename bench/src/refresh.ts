import { CONTEXT_HEADER, signContext } from '@orion/platform/identity';
import { uuidv7 } from '@orion/platform/ids';
import { signIn } from '@orion/tests/graph';
import type { Platform } from '@orion/tools/platform';
import { latencies, timed } from './measure.js';
import type { Figure } from './measure.js';
import { processFamily, TICKS_PER_SECOND } from './process-family.js';

const CLIENTS = 16;
const WARM_UP_MS = 2_000;
const MEASURED_MS = 6_000;

const REFRESH =
  'mutation ($input: RefreshTokensInput!) { refreshTokens(input: $input) { tokens { accessToken refreshToken } userErrors { code } } }';

interface Answer {
  readonly data?: { readonly refreshTokens: { readonly tokens: { readonly refreshToken: string } | null } };
}

/** Exchanges of refresh tokens: each client has a session of its own, and uses what the exchange before gave it. */
export async function measureRefresh(url: string, platform: Platform): Promise<readonly Figure[]> {
  const sessions = await signInAll(url);
  const secret = platform.contextSecret;
  const direct = async (body: string): Promise<Answer> => {
    const origin = { viewer: null, requestId: uuidv7(), clientIp: '127.0.0.1', userAgent: 'bench' };
    const context = await signContext(origin, { secret, audience: 'auth', body });
    return post(`http://127.0.0.1:${platform.ports['auth']}/graphql`, body, { [CONTEXT_HEADER]: context });
  };
  const through = (body: string): Promise<Answer> => post(url, body, { 'user-agent': 'bench' });
  const withoutGateway = await drive(sessions, direct);
  const withGateway = await drive(sessions, through);
  return [
    ...figures('refreshTokens, the auth subgraph alone', withoutGateway, ['auth']),
    ...figures('refreshTokens, through the gateway', withGateway, ['auth', 'gateway']),
  ];
}

async function signInAll(url: string): Promise<string[]> {
  const sessions: string[] = [];
  for (let index = 0; index < CLIENTS; index += 1)
    sessions.push((await signIn(url, { email: 'alice@orion.test', password: 'orion-demo' })).refreshToken);
  return sessions;
}

interface Run {
  readonly samples: readonly number[];
  readonly seconds: number;
  /** CPU seconds by process. */
  readonly cpu: ReadonlyMap<string, number>;
}

/** @param sessions the latest refresh token of each; it is replaced as it is used. */
async function drive(sessions: string[], send: (body: string) => Promise<Answer>): Promise<Run> {
  await drivenFor(WARM_UP_MS, sessions, send);
  const before = await cpuByProcess();
  const start = performance.now();
  const samples = await drivenFor(MEASURED_MS, sessions, send);
  const seconds = (performance.now() - start) / 1_000;
  const after = await cpuByProcess();
  return { samples, seconds, cpu: new Map([...after].map(([name, spent]) => [name, spent - (before.get(name) ?? 0)])) };
}

async function drivenFor(ms: number, sessions: string[], send: (body: string) => Promise<Answer>): Promise<number[]> {
  const until = performance.now() + ms;
  const samples: number[] = [];
  await Promise.all(
    sessions.map(async (_, index) => {
      while (performance.now() < until) {
        const variables = { input: { refreshToken: sessions[index] } };
        const { result, ms: taken } = await timed(() => send(JSON.stringify({ query: REFRESH, variables })));
        const next = result.data?.refreshTokens.tokens?.refreshToken;
        if (next === undefined) throw new Error(`not refreshed: ${JSON.stringify(result)}`);
        sessions[index] = next;
        samples.push(taken);
      }
    }),
  );
  return samples;
}

function figures(name: string, { samples, seconds, cpu }: Run, services: readonly string[]): Figure[] {
  const costOf = (process: string) => ((cpu.get(process) ?? 0) / samples.length) * 1_000;
  const perCore = (...processes: string[]) =>
    `${Math.round(1_000 / processes.reduce((sum, process) => sum + costOf(process), 0))}/s`;
  const costs = [...services, 'postgres'].map((process) => `${process} ${costOf(process).toFixed(2)} ms`);
  return [
    { name: `${name}: ${CLIENTS} clients`, value: `${Math.round(samples.length / seconds)}/s, ${latencies(samples)}` },
    { name: `${name}: CPU of one`, value: costs.join(', ') },
    {
      name: `${name}: per core`,
      value: `${perCore(...services)} of ${services.join(' and ')}, ${perCore(...services, 'postgres')} with postgres`,
    },
  ];
}

async function cpuByProcess(): Promise<Map<string, number>> {
  const spent = new Map<string, number>();
  for (const { name, ticks } of await processFamily(process.pid)) {
    const service = name.startsWith('postgres') ? 'postgres' : name;
    spent.set(service, (spent.get(service) ?? 0) + ticks / TICKS_PER_SECOND);
  }
  return spent;
}

async function post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return (await response.json()) as Answer;
}

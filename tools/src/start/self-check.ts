import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DEMO_PASSWORD } from '../platform/index.js';
import type { Platform } from '../platform/index.js';
import { errorText } from '../problem/index.js';
import { DEMO_QUERY } from './demo.js';
import { trySubscription } from './try-subscription.js';

/** What was tried, by name (subgraphs and `subscription`): null when it works, else what went wrong. */
export type SelfCheck = Readonly<Record<string, string | null>>;

/** On a first start, events are still on their way from one subgraph to the next. */
const PATIENCE_MS = 5_000;

/**
 * One query as a demo user to whom every ORION subgraph adds a part, and one subscription over WebSocket. Tried again
 * for a few seconds while something fails.
 */
export async function selfCheck(platform: Platform, { signal }: { readonly signal: AbortSignal }): Promise<SelfCheck> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const result = await attempt(platform);
    if (Object.values(result).every((problem) => problem === null) || Date.now() > deadline || signal.aborted)
      return result;
    await wait(200);
  }
}

async function attempt(platform: Platform): Promise<SelfCheck> {
  const failed = (problem: string): SelfCheck => ({
    auth: problem,
    user: problem,
    notification: problem,
    analytics: problem,
    subscription: problem,
  });
  try {
    const login = await post<Login>(platform, {
      query: `mutation ($input: LoginInput!) { login(input: $input) { tokens { accessToken deviceToken } userErrors { message } } }`,
      variables: {
        input: { email: 'alice@orion.test', password: DEMO_PASSWORD, deviceToken: await knownDevice(platform) },
      },
    });
    await rememberDevice(platform, login.data?.login?.tokens?.deviceToken);
    const token = login.data?.login?.tokens?.accessToken;
    if (token === undefined)
      return failed(`no sign-in: ${login.data?.login?.userErrors?.[0]?.message ?? firstError(login)}`);
    const [walk, subscription] = await Promise.all([
      post<Walk>(platform, { query: DEMO_QUERY, token }),
      trySubscription(platform.wsUrl, { token }),
    ]);
    await post(platform, { query: 'mutation { logout(input: { scope: THIS }) { revokedSessions } }', token });
    const me = walk.data?.me;
    const part = (value: unknown): string | null => (value === undefined || value === null ? firstError(walk) : null);
    return {
      auth: part(me?.sessions?.nodes),
      user: part(me?.displayName),
      notification: part(me?.notificationCounts),
      analytics: part(me?.activitySummary),
      subscription,
    };
  } catch (error) {
    // `fetch` says "fetch failed" and keeps the reason inside.
    return failed(error instanceof Error && error.cause !== undefined ? errorText(error.cause) : errorText(error));
  }
}

/** One device for all starts: a new one each time would alert alice of a sign-in that nobody made. */
const deviceFile = ({ dataDir }: Platform): string => path.join(dataDir, 'self-check-device');

async function knownDevice(platform: Platform): Promise<string | null> {
  try {
    return await readFile(deviceFile(platform), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function rememberDevice(platform: Platform, token: string | undefined): Promise<void> {
  if (token !== undefined) await writeFile(deviceFile(platform), token, { mode: 0o600 });
}

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly message: string }[];
}

interface Login {
  readonly login?: {
    readonly tokens?: { readonly accessToken?: string; readonly deviceToken?: string } | null;
    readonly userErrors?: readonly { readonly message: string }[];
  } | null;
}

interface Walk {
  readonly me?: {
    readonly displayName?: string | null;
    readonly sessions?: { readonly nodes?: readonly unknown[] } | null;
    readonly notificationCounts?: { readonly unseen: number } | null;
    readonly activitySummary?: { readonly logins: number } | null;
  } | null;
}

async function post<T>(
  platform: Platform,
  {
    query,
    variables,
    token,
  }: { readonly query: string; readonly variables?: Readonly<Record<string, unknown>>; readonly token?: string },
): Promise<Answer<T>> {
  const response = await fetch(platform.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(10_000),
  });
  return (await response.json()) as Answer<T>;
}

function firstError(answer: Answer<unknown>): string {
  return answer.errors?.[0]?.message ?? 'no data, and no error that says why';
}

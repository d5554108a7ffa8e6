import { setTimeout as wait } from 'node:timers/promises';
import { createGraphClient, newcomer } from '../graph/index.js';
import type { GraphAnswer } from '../graph/index.js';

/** People who use the platform all the time, and how that went. */
export interface PlatformClients {
  answered(): number;
  /** What is being done to the platform now: failures are counted under it. */
  setPhase(phase: string): void;
  stop(): Promise<{
    /** Addresses whose registration was acknowledged. */
    readonly registered: readonly string[];
    readonly answered: number;
    /** Requests without a good answer, by phase. */
    readonly failures: Readonly<Record<string, number>>;
    /** What those failed with that did while nothing was done to the platform, and how often. */
    readonly unexplained: Readonly<Record<string, number>>;
  }>;
}

const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { accepted userErrors { code path } } }';
const READ = '{ me { id displayName emailVerified notificationCounts { total } activitySummary { logins } } }';
const PAUSE_MS = 40;

/** Two who register and two who read what every subgraph has a part in. */
export async function startClients(url: string): Promise<PlatformClients> {
  const reader = await newcomer(url, { name: 'Reader' });
  const client = createGraphClient(url);
  const registered: string[] = [];
  const failures: Record<string, number> = {};
  const unexplained: Record<string, number> = {};
  let phase = 'all up';
  let answered = 0;
  let next = 0;
  let stopped = false;

  /** `request` resolves with what is wrong with its answer, null when nothing is. */
  async function run(request: () => Promise<string | null>): Promise<void> {
    while (!stopped) {
      const began = phase;
      const problem = await request().catch((error: unknown) => String(error));
      if (problem === null) answered += 1;
      else {
        // A request that was under way when a restart began is one of that restart's.
        const during = phase === 'all up' ? began : phase;
        failures[during] = (failures[during] ?? 0) + 1;
        if (during === 'all up') unexplained[problem] = (unexplained[problem] ?? 0) + 1;
      }
      await wait(PAUSE_MS);
    }
  }

  async function register(): Promise<string | null> {
    next += 1;
    const email = `rolling-${next}@example.com`;
    const { data, errors } = await client.query(REGISTER, {
      input: { email, password: 'correct horse battery', displayName: email },
    });
    if (data?.register?.accepted !== true) return describe(errors);
    registered.push(email);
    return null;
  }

  async function read(): Promise<string | null> {
    const { errors } = await reader.client.query(READ);
    return errors.length === 0 ? null : describe(errors);
  }

  const running = Promise.all([run(register), run(register), run(read), run(read)]);
  return {
    answered: () => answered,
    setPhase(now) {
      phase = now;
    },
    async stop() {
      stopped = true;
      await running;
      return { registered, answered, failures, unexplained };
    },
  };
}

function describe(errors: GraphAnswer['errors']): string {
  const [first] = errors;
  return first === undefined ? 'refused' : `${String(first.extensions['code'])}: ${first.message}`;
}

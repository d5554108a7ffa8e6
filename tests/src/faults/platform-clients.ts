import { setTimeout as wait } from 'node:timers/promises';
import { createGraphClient, newcomer } from '../graph/index.js';

/** People who use the platform all the time, and how that went. */
export interface PlatformClients {
  answered(): number;
  /** What is being done to the platform now: failures are counted under it. */
  setPhase(phase: string): void;
  stop(): Promise<{
    /** Addresses whose registration was acknowledged. */
    readonly registered: readonly string[];
    readonly answered: number;
    /** Requests without a good answer, by the phase in which they began. */
    readonly failures: Readonly<Record<string, number>>;
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
  let phase = 'all up';
  let answered = 0;
  let next = 0;
  let stopped = false;

  async function run(request: () => Promise<boolean>): Promise<void> {
    while (!stopped) {
      const began = phase;
      const good = await request().catch(() => false);
      if (good) answered += 1;
      // A request that was under way when a restart began is one of that restart's.
      else failures[phase === 'all up' ? began : phase] = (failures[phase === 'all up' ? began : phase] ?? 0) + 1;
      await wait(PAUSE_MS);
    }
  }

  async function register(): Promise<boolean> {
    next += 1;
    const email = `rolling-${next}@example.com`;
    const { data } = await client.query(REGISTER, {
      input: { email, password: 'correct horse battery', displayName: email },
    });
    if (data?.register?.accepted !== true) return false;
    registered.push(email);
    return true;
  }

  async function read(): Promise<boolean> {
    const { errors } = await reader.client.query(READ);
    return errors.length === 0;
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
      return { registered, answered, failures };
    },
  };
}

import { userRegistered } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { openTestBus, startTestSubgraph } from '@orion/platform/testing';
import type { TestBus, TestSubgraph } from '@orion/platform/testing';
import { subgraph } from '../subgraph.js';

/** The subgraph with its bus, and people in it. */
export interface PersonFixture {
  readonly running: TestSubgraph;
  readonly bus: TestBus;
  /** Somebody who has registered; returns the id. */
  register(displayName: string, roles?: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

export async function startPeople(environment: Readonly<Record<string, string>> = {}): Promise<PersonFixture> {
  const running = await startTestSubgraph(subgraph, environment);
  const bus = await openTestBus(running, { group: 'user' });
  return {
    running,
    bus,
    async register(displayName, roles = []) {
      const userId = uuidv7();
      const email = `${userId}@orion.test`;
      const event = userRegistered.of({ userId, email, displayName, locale: 'en', verificationToken: null });
      await bus.taken(await bus.deliver(event));
      for (const role of roles)
        await bus.sql('INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = $2', [
          userId,
          role,
        ]);
      return userId;
    },
    async stop() {
      await bus.stop();
      await running.stop();
    },
  };
}

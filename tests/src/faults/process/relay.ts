import { startRelay } from '@orion/platform/events';
import { createLogger } from '@orion/platform/log';
import { openTransport } from './deadly-transport.js';
import type { RelayPlan } from './plan.js';

/** The relay of the producer's database, alone in its process. Returns how to stop it. */
export async function runRelay({ databaseUrl, transport: plan, hooks }: RelayPlan): Promise<() => Promise<void>> {
  const transport = openTransport(plan, { hooks, name: 'relay' });
  const relay = startRelay({
    databaseUrl,
    service: 'faults',
    transport,
    logger: createLogger('relay', { level: 'info' }),
  });
  return async () => {
    await relay.stop();
    await transport.close();
  };
}

import { createTransport } from '@orion/platform/events';
import type { EventTransport } from '@orion/platform/events';
import { createLogger } from '@orion/platform/log';
import type { Hooks, TransportPlan } from './plan.js';

/** Ends this process as `kill -9` does: no finally block, no flush, nothing survives it. */
export async function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => undefined);
}

/** A counter that dies at its `at`th call; never when that is undefined. */
export function dieAt(at: number | undefined): () => Promise<void> {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls === at) await die();
  };
}

/** The product's transport, with the faults of `hooks` around its calls. */
export function openTransport(plan: TransportPlan, { hooks, name }: { readonly hooks: Hooks; readonly name: string }) {
  const transport = createTransport({
    ...(plan.kind === 'postgres' ? { busDatabaseUrl: plan.busUrl } : { kafkaBrokers: plan.brokers }),
    clientId: `${name}-${process.pid}`,
    logger: createLogger(name, { level: 'info' }),
  });
  return withFaults(transport, hooks);
}

function withFaults(transport: EventTransport, hooks: Hooks): EventTransport {
  const afterAppend = dieAt(hooks.dieAfterAppend);
  const afterCommit = dieAt(hooks.dieAfterCommit);
  return {
    ...transport,
    async append(batch) {
      await transport.append(batch);
      if (hooks.appendTwice === true) await transport.append(batch);
      await afterAppend();
    },
    subscribe: (topics, options) =>
      transport.subscribe(topics, {
        ...options,
        async onBatch(batch) {
          await options.onBatch(batch);
          if (hooks.deliverTwice === true) await options.onBatch(batch);
          await afterCommit();
        },
      }),
  };
}

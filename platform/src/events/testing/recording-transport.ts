import type { EventEnvelope } from '../envelope.js';
import type { EventTransport } from '../transport/transport.js';

const notUsed = () => Promise.reject(new Error('not used'));

/** For tests of the relay: a transport that only appends, to a list, when `append` has resolved. */
export function recordingTransport(
  append: (batch: readonly EventEnvelope[]) => Promise<void> = () => Promise.resolve(),
): { readonly events: readonly EventEnvelope[]; readonly transport: EventTransport } {
  const events: EventEnvelope[] = [];
  const transport: EventTransport = {
    kind: 'postgres',
    append: async (batch) => {
      await append(batch);
      events.push(...batch);
    },
    subscribe: notUsed,
    tail: notUsed,
    replay: notUsed,
    lag: notUsed,
    ping: notUsed,
    close: notUsed,
  };
  return { events, transport };
}

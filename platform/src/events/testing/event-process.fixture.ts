import { consume } from '../consuming/consumer.js';
import { startRelay } from '../publishing/relay.js';
import type { EventTransport } from '../transport/transport.js';
import { openDataSource, openTransport, recordEffects, silent } from './event-test-bed.js';

/** A process of the fault tests: it dies by SIGKILL where its mode says, which no finally block survives. */
const [mode, databaseUrl = '', address = '', group = '', topic = ''] = process.argv.slice(2);
const transport = openTransport(address, `fixture-${process.pid}`);
const die = () => process.kill(process.pid, 'SIGKILL');

if (mode === 'relay-dies-after-append') {
  // In place of a group: after which append.
  let appends = 0;
  startRelay({
    databaseUrl,
    service: `fixture-${process.pid}`,
    logger: silent,
    transport: {
      ...transport,
      append: async (batch) => {
        await transport.append(batch);
        appends += 1;
        if (appends < Number(group)) return;
        die();
        await new Promise(() => undefined);
      },
    },
  });
} else {
  let handled = 0;
  let batches = 0;
  const dataSource = await openDataSource(databaseUrl);
  const dyingAfterCommit: EventTransport = {
    ...transport,
    subscribe: (topics, options) =>
      transport.subscribe(topics, {
        ...options,
        onBatch: async (batch) => {
          await options.onBatch(batch);
          batches += 1;
          // After the commit, before the cursor moves.
          if (mode === 'consumer-dies-after-commit' && batches === 2) die();
        },
      }),
  };
  await consume({
    dataSource,
    group,
    topics: [topic],
    ordering: 'key',
    logger: silent,
    batchSize: 20,
    transport: dyingAfterCommit,
    handle: recordEffects(group, () => {
      handled += 1;
      // In the middle of the second transaction.
      if (mode === 'consumer-dies-in-handler' && handled === 30) die();
    }),
  });
  process.send?.('consuming');
}

import { consume } from './consumer.js';
import { openDataSource, recordEffects, silent } from './event-test-bed.js';
import { createPostgresTransport } from './postgres-transport.js';
import { startRelay } from './relay.js';

/** A process of the fault tests: it dies by SIGKILL where its mode says, which no finally block survives. */
const [mode, databaseUrl = '', busUrl = '', group = '', topic = ''] = process.argv.slice(2);
const transport = createPostgresTransport({ url: busUrl, clientId: `fixture-${process.pid}`, logger: silent });
const die = () => process.kill(process.pid, 'SIGKILL');

if (mode === 'relay-dies-after-append') {
  startRelay({
    databaseUrl,
    service: `fixture-${process.pid}`,
    logger: silent,
    transport: {
      ...transport,
      append: async (batch) => {
        await transport.append(batch);
        die();
        await new Promise(() => undefined);
      },
    },
  });
} else {
  let handled = 0;
  let batches = 0;
  const dataSource = await openDataSource(databaseUrl);
  await consume({
    dataSource,
    group,
    topics: [topic],
    ordering: 'key',
    logger: silent,
    batchSize: 20,
    handle: recordEffects(group, () => {
      handled += 1;
      // In the middle of the second transaction.
      if (mode === 'consumer-dies-in-handler' && handled === 30) die();
    }),
    transport: {
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
    },
  });
  process.send?.('consuming');
}

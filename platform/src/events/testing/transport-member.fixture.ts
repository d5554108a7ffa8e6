import { createLogger } from '../../log/index.js';
import { createTransport } from '../transport/transport-from-config.js';
import type { MemberPlan } from './transport-member.js';

/**
 * A member of a group in a process of its own: tells of each batch, and waits for the word that it is handled. It
 * leaves the group when it is told to, and dies with whoever started it.
 */
const { address, group, topics, batchSize } = JSON.parse(process.argv[2] ?? '') as MemberPlan;
const transport = createTransport({
  ...address,
  clientId: `member-${process.pid}`,
  logger: createLogger('member', { level: 'silent' }),
});
let go: () => void = () => undefined;
const told = new Promise<void>((resolve) => {
  process.on('message', (word) => {
    if (word === 'stop') resolve();
    else go();
  });
});
process.once('disconnect', () => process.exit());
await transport.subscribe(topics, {
  group,
  batchSize,
  onBatch: (batch) =>
    // The answer may be there before `send` returns.
    new Promise<void>((resolve) => {
      go = resolve;
      process.send?.(batch.map(({ id, key, data }) => ({ id, key, n: (data as { readonly n: number }).n })));
    }),
});
await told;
await transport.close();
process.exit();

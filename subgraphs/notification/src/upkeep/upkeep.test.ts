import { startSubgraph } from '@orion/platform/subgraph';
import { eventually } from '@orion/platform/testing';
import { subgraph } from '../subgraph.js';
import { startNotification } from '../testing/notification-fixture.js';

test('idempotency keys are forgotten after 30 days', async () => {
  const notification = await startNotification();
  try {
    await notification.sql(`INSERT INTO sends (sender_id, key, fingerprint, notification_ids, created_at)
      SELECT gen_random_uuid(), days::text, '', '{}', now() - make_interval(days => days) FROM unnest(ARRAY[29, 31]) days`);
    const next = await startSubgraph(subgraph, notification.environment);
    const keys = () => notification.sql<{ key: string }>('SELECT key FROM sends');
    await eventually(async () => (await keys()).length === 1);
    expect(await keys()).toEqual([{ key: '29' }]);
    await next.stop();
  } finally {
    await notification.stop();
  }
});

import { runSchedule } from '@orion/platform/testing';
import { startNotification } from '../testing/notification-fixture.js';

test('idempotency keys are forgotten after 30 days', async () => {
  const notification = await startNotification();
  try {
    await notification.sql(`INSERT INTO sends (sender_id, key, fingerprint, notification_ids, created_at)
      SELECT gen_random_uuid(), days::text, '', '{}', now() - make_interval(days => days) FROM unnest(ARRAY[29, 31]) days`);
    await runSchedule(notification.databaseUrl, 'upkeep');
    expect(await notification.sql('SELECT key FROM sends')).toEqual([{ key: '29' }]);
  } finally {
    await notification.stop();
  }
});

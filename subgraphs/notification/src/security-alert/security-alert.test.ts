import { userLogin } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { eventually } from '@orion/platform/testing';
import { envelopeOf, startNotification } from '../testing/notification-fixture.js';
import type { NotificationFixture } from '../testing/notification-fixture.js';

let notification: NotificationFixture;
beforeAll(async () => {
  notification = await startNotification();
});
afterAll(() => notification?.stop());

const alertsOf = (userId: string) =>
  notification.sql<{ channel: string; priority: string; data: Record<string, unknown> }>(
    "SELECT channel, priority, data FROM notifications WHERE recipient_id = $1 AND type = 'SECURITY_ALERT' ORDER BY id",
    [userId],
  );
const login = (userId: string, isNewDevice: boolean) =>
  envelopeOf(
    userLogin.of({
      userId,
      sessionId: uuidv7(),
      deviceId: uuidv7(),
      isNewDevice,
      ip: '192.0.2.7',
      userAgent: 'Evil\u202e<b>',
    }),
  );

test('a sign-in on a new device is told in the inbox and by mail', async () => {
  const { userId } = await notification.signUp({ email: 'alert@example.com' });
  const event = login(userId, true);
  await notification.emit(event, event);
  const alerts = await eventually(async () => {
    const rows = await alertsOf(userId);
    return rows.length > 0 && rows;
  });
  expect(alerts.map(({ channel, priority }) => ({ channel, priority }))).toEqual([
    { channel: 'IN_APP', priority: 'CRITICAL' },
    { channel: 'EMAIL', priority: 'CRITICAL' },
  ]);
  expect(alerts[0]?.data).toMatchObject({ ip: '192.0.2.7', sessionId: expect.any(String) });
  const { data } = await notification.query('{ capturedMessages { nodes { recipient subject text html } } }');
  expect(data.capturedMessages.nodes).toHaveLength(1);
  const [mail] = data.capturedMessages.nodes;
  expect(mail).toMatchObject({ recipient: 'alert@example.com', subject: 'New sign-in to your account' });
  expect(mail.text).toContain('Device: Evil <b>\n');
  expect(mail.html).toContain('Evil &lt;b&gt;');
  // What it advises is what there is.
  expect(mail.text).toContain(`Session: ${String(alerts[0]?.data['sessionId'])}\n`);
  expect(mail.text).toContain('revokeSession');
  expect(mail.text).toContain('scope OTHERS');
  expect(mail.text).not.toContain('change your password');
});

test('a sign-in on a known device is nobody told of', async () => {
  const { userId } = await notification.signUp();
  await notification.emit(login(userId, false));
  await notification.signUp();
  expect(await alertsOf(userId)).toEqual([]);
});

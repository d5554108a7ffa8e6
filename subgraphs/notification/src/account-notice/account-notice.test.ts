import { userDeleted, userDeletionRequested, userExportReady } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { eventually } from '@orion/platform/testing';
import { envelopeOf, startNotification } from '../testing/notification-fixture.js';
import type { NotificationFixture } from '../testing/notification-fixture.js';

let notification: NotificationFixture;
beforeAll(async () => {
  notification = await startNotification();
});
afterAll(() => notification?.stop());

const at = '2030-01-31T12:00:00.000Z';
const noticesOf = (userId: string) =>
  notification.sql<{ channel: string; title: string }>(
    `SELECT channel, title FROM notifications WHERE recipient_id = $1 AND type = 'ACCOUNT' ORDER BY id`,
    [userId],
  );

test('a deletion to come and a copy that is ready are told in the inbox and by mail, once', async () => {
  const { userId } = await notification.signUp({ email: 'notice@example.com' });
  const deletion = envelopeOf(userDeletionRequested.of({ userId, dueAt: at }));
  const copy = envelopeOf(userExportReady.of({ userId, exportId: uuidv7(), expiresAt: at }));
  await notification.emit(deletion, deletion, copy);
  const notices = await eventually(async () => {
    const rows = await noticesOf(userId);
    return rows.length >= 4 && rows;
  });
  expect(notices).toEqual([
    { channel: 'IN_APP', title: 'Your account will be deleted' },
    { channel: 'EMAIL', title: 'Your account will be deleted' },
    { channel: 'IN_APP', title: 'The copy of your data is ready' },
    { channel: 'EMAIL', title: 'The copy of your data is ready' },
  ]);
  const { data } = await notification.query(
    '{ capturedMessages(recipient: "notice@example.com") { nodes { subject text } } }',
  );
  const mail = data.capturedMessages.nodes.find(({ subject }: { subject: string }) => subject.includes('deleted'));
  expect(mail.text).toContain(at);
  // What it advises is what there is.
  expect(mail.text).toContain('cancelAccountDeletion');
});

test('nobody is told who is deleted', async () => {
  const { userId } = await notification.signUp({ email: 'gone@example.com' });
  await notification.emit(
    envelopeOf(userDeleted.of({ userId })),
    envelopeOf(userDeletionRequested.of({ userId, dueAt: at })),
  );
  await notification.signUp();
  expect(await noticesOf(userId)).toEqual([]);
});

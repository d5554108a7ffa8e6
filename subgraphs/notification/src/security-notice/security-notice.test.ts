import { securityEventRecorded, userDeleted } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { eventually } from '@orion/platform/testing';
import { envelopeOf, startNotification } from '../testing/notification-fixture.js';
import type { NotificationFixture } from '../testing/notification-fixture.js';

let notification: NotificationFixture;
beforeAll(async () => {
  notification = await startNotification();
});
afterAll(() => notification?.stop());

interface Recorded {
  readonly kind: string;
  readonly severity?: 'low' | 'medium' | 'high';
  readonly actorId?: string;
}
const recorded = (userId: string | null, { kind, severity = 'medium', actorId }: Recorded) =>
  envelopeOf(
    securityEventRecorded.of({
      securityEventId: uuidv7(),
      userId,
      kind,
      severity,
      sessionId: null,
      deviceId: null,
      ip: '192.0.2.7',
      userAgent: 'Evil\u202e<b>',
      actorId: actorId ?? null,
      details: {},
      occurredAt: new Date().toISOString(),
    }),
  );
const noticesOf = (userId: string) =>
  notification.sql<{ channel: string; priority: string; title: string; body: string; kind: string }>(
    `SELECT channel, priority, title, body, data->>'kind' AS kind FROM notifications
      WHERE recipient_id = $1 AND type = 'SECURITY_ALERT' ORDER BY id`,
    [userId],
  );
/** Events of one consumer are handled in order of a key; what is told last was handled last. */
async function handled(userId: string, ...events: readonly ReturnType<typeof recorded>[]) {
  await notification.emit(...events, recorded(userId, { kind: 'passkey_removed' }));
  return eventually(async () => {
    const notices = await noticesOf(userId);
    return notices.at(-1)?.kind === 'passkey_removed' && notices.filter(({ kind }) => kind !== 'passkey_removed');
  });
}

const TOLD = [
  'password_changed',
  'password_reset',
  'password_reset_required',
  'two_factor_enabled',
  'two_factor_disabled',
  'two_factor_locked',
  'backup_codes_regenerated',
  'backup_code_used',
  'device_trusted',
  'device_revoked',
  'passkey_added',
  'passkey_clone_suspected',
  'identity_linked',
  'identity_unlinked',
  'refresh_token_reused',
  'sessions_revoked',
  'account_disabled',
  'account_enabled',
  'impersonation_started',
  'impersonation_ended',
];

test('what concerns the safety of an account is told to its owner, in the inbox and by mail, once', async () => {
  const { userId } = await notification.signUp({ email: 'owner@example.com' });
  const events = TOLD.map((kind) => recorded(userId, { kind }));
  const notices = await handled(userId, ...events, ...events.slice(0, 3));
  expect(notices.map(({ kind, channel }) => `${kind} ${channel}`)).toEqual(
    TOLD.flatMap((kind) => [`${kind} IN_APP`, `${kind} EMAIL`]),
  );
  for (const { title, body } of notices) {
    expect(title).toMatch(/^[A-Z]/);
    expect(body).toContain('Device: Evil <b>');
    expect(body).toContain('Address: 192.0.2.7');
  }
});

test('what has a mail of its own is told in the inbox alone, and what is for the record alone to nobody', async () => {
  const { userId } = await notification.signUp();
  const kinds = [
    'email_changed',
    'account_locked',
    'login_on_new_device',
    'device_untrusted',
    'made_up',
    'constructor',
  ];
  const notices = await handled(
    userId,
    ...kinds.map((kind) => recorded(userId, { kind })),
    recorded(null, { kind: 'password_changed' }),
  );
  expect(notices.map(({ kind, channel }) => `${kind} ${channel}`)).toEqual([
    'email_changed IN_APP',
    'account_locked IN_APP',
  ]);
});

test('of what an operator did it is not told from where', async () => {
  const { userId } = await notification.signUp();
  const notices = await handled(
    userId,
    recorded(userId, { kind: 'impersonation_started', actorId: uuidv7(), severity: 'high' }),
  );
  expect(notices).toHaveLength(2);
  for (const { body, priority } of notices) {
    expect(priority).toBe('CRITICAL');
    expect(body).not.toContain('192.0.2.7');
    expect(body).not.toContain('change your password');
  }
});

test('who is deleted is not told', async () => {
  const { userId } = await notification.signUp();
  await notification.emit(envelopeOf(userDeleted.of({ userId })), recorded(userId, { kind: 'password_changed' }));
  const { userId: other } = await notification.signUp();
  await handled(other);
  expect(await noticesOf(userId)).toEqual([]);
  expect(await notification.sql('SELECT 1 FROM parked_events')).toEqual([]);
});

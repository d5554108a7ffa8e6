import { uuidv7 } from '@orion/platform/ids';
import { PASSWORD, startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';
import {
  challenge,
  completeMfa,
  confirm,
  enrolled,
  forgetUsedCodes,
  person,
  personOf,
  startEnrollment,
} from '../testing/people.js';
import type { Enrolled, Person } from '../testing/people.js';
import { labelOfUserAgent } from './device-label.js';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth({ TRUSTED_DEVICE_SECONDS: '2592000' });
});
afterAll(() => auth?.stop());

const isAsked = async (email: string, deviceToken: string) => {
  const answer = await auth.login(email, { deviceToken });
  return answer.challenge !== null;
};
/** Somebody whose device is trusted. */
async function trusting(email: string): Promise<Enrolled> {
  const owner = await enrolled(auth, email);
  const token = await challenge(auth, email, { deviceToken: owner.deviceToken });
  const { tokens } = await completeMfa(auth, { challenge: token, code: owner.app.code(1), trustDevice: true });
  expect(tokens.deviceToken).toBe(owner.deviceToken);
  expect(await isAsked(email, owner.deviceToken)).toBe(false);
  return { ...owner, ...personOf(email, tokens) };
}
const deviceOf = async ({ sessionId }: Person) =>
  (await auth.sql<{ device_id: string }>('SELECT device_id FROM sessions WHERE id = $1', [sessionId]))[0]?.device_id ??
  '';
const change = async (
  mutation: 'renameDevice' | 'untrustDevice' | 'revokeDevice',
  { viewer }: Person,
  input: Readonly<Record<string, unknown>>,
) => {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
  const { data } = await auth.query(
    `mutation ($input: ${type}!) { ${mutation}(input: $input) { device { id name trustedUntil } userErrors { code path } } }`,
    { variables: { input }, viewer },
  );
  return data[mutation];
};
const TRUST = 'mutation { trustDevice { device { id trustedUntil } userErrors { code } } }';

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0', 'Firefox on Linux', 'Linux'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15',
    'Safari on macOS',
    'macOS',
  ],
  ['OrionApp/1.2 (iPhone; iOS 17.0)', 'OrionApp on iOS', 'iOS'],
  ['curl/8.5.0', 'curl', null],
  ['\u202eevil', 'Unknown device', null],
  ['', 'Unknown device', null],
  [null, 'Unknown device', null],
])('a device that says %j is called %j', (userAgent, name, platform) => {
  expect(labelOfUserAgent(userAgent)).toEqual({ name, platform });
});

test('ID-58: a trusted device is asked for no second factor for 30 days, and not a second longer', async () => {
  const owner = await trusting('thirty@example.com');
  const shift = (interval: string) =>
    auth.sql(`UPDATE devices SET trusted_until = trusted_until - $2::interval WHERE user_id = $1`, [
      owner.userId,
      interval,
    ]);
  await shift('29 days 23 hours 59 minutes');
  expect(await isAsked(owner.email, owner.deviceToken)).toBe(false);
  await shift('1 minute 1 second');
  expect(await isAsked(owner.email, owner.deviceToken)).toBe(true);
});

test('ID-58: the secret of a trusted device is worth nothing to others, nor is one that was made up', async () => {
  const owner = await trusting('owner@example.com');
  const thief = await enrolled(auth, 'thief@example.com');
  expect(await isAsked(thief.email, owner.deviceToken)).toBe(true);
  expect(await isAsked(owner.email, thief.deviceToken)).toBe(true);
  expect(await isAsked(owner.email, `${owner.deviceToken.slice(0, -1)}_`)).toBe(true);
  expect(await isAsked(owner.email, '')).toBe(true);
  const [row] = await auth.sql<{ everything: string }>(
    "SELECT string_agg(d::text, ' ') AS everything FROM devices d WHERE user_id = $1",
    [owner.userId],
  );
  expect(row?.everything).not.toContain(owner.deviceToken);
});

test('ID-58: a device that was revoked is asked again, is a new one, and its sessions are over', async () => {
  const owner = await trusting('revoked@example.com');
  const id = await deviceOf(owner);
  expect(await change('revokeDevice', owner, { id })).toMatchObject({ device: { id, trustedUntil: null } });
  expect(await isAsked(owner.email, owner.deviceToken)).toBe(true);
  expect(
    await auth.sql('SELECT count(*)::int AS alive FROM sessions WHERE device_id = $1 AND revoked_at IS NULL', [id]),
  ).toEqual([{ alive: 0 }]);
  await forgetUsedCodes(auth, owner);
  const token = await challenge(auth, owner.email, { deviceToken: owner.deviceToken });
  const { tokens } = await completeMfa(auth, { challenge: token, code: owner.app.code() });
  expect(tokens.deviceToken).not.toBe(owner.deviceToken);
});

test('ID-58: a device is asked again when its owner says so', async () => {
  const owner = await trusting('untrusted@example.com');
  const id = await deviceOf(owner);
  expect(await change('untrustDevice', owner, { id })).toMatchObject({ device: { id, trustedUntil: null } });
  expect(await isAsked(owner.email, owner.deviceToken)).toBe(true);
});

test('ID-58: a device is asked again when the second factor was set up anew', async () => {
  const owner = await trusting('anew@example.com');
  await forgetUsedCodes(auth, owner);
  const app = await startEnrollment(auth, owner);
  await confirm(auth, owner, app.code());
  expect(await isAsked(owner.email, owner.deviceToken)).toBe(true);
});

test('ID-58: a device is asked again when the password was changed', async () => {
  const owner = await trusting('changed@example.com');
  const { data, errors } = await auth.query(
    `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }`,
    { variables: { input: { currentPassword: PASSWORD, newPassword: 'another horse battery' } }, viewer: owner.viewer },
  );
  expect(errors).toEqual([]);
  expect(data.changePassword.userErrors).toEqual([]);
  const answer = await auth.login(owner.email, { password: 'another horse battery', deviceToken: owner.deviceToken });
  expect(answer.challenge).not.toBeNull();
});

test('a device is trusted later only in a session in which the second factor was given', async () => {
  const owner = await trusting('later@example.com');
  const { tokens } = await auth.login(owner.email, { deviceToken: owner.deviceToken });
  const bare = { ...owner.viewer, sessionId: tokens.session.id as string };
  const refused = await auth.query(TRUST, { viewer: bare });
  expect(refused.data.trustDevice).toEqual({ device: null, userErrors: [{ code: 'SECOND_FACTOR_REQUIRED' }] });
  await change('untrustDevice', owner, { id: await deviceOf(owner) });
  const { data } = await auth.query(TRUST, { viewer: owner.viewer });
  expect(data.trustDevice.userErrors).toEqual([]);
  expect(new Date(data.trustDevice.device.trustedUntil).getTime()).toBeGreaterThan(Date.now() + 29 * 86_400_000);
  expect(await isAsked(owner.email, owner.deviceToken)).toBe(false);
  const without = await person(auth, 'without@example.com');
  expect((await auth.query(TRUST, { viewer: without.viewer })).data.trustDevice.userErrors).toEqual([
    { code: 'MFA_NOT_ENABLED' },
  ]);
});

test('ID-59: a new device is told of once, a known one never, and another address is no new device', async () => {
  const owner = await person(auth, 'alerts@example.com');
  const told = async () =>
    (
      await auth.sql<{ device_id: string }>(
        "SELECT device_id FROM security_events WHERE user_id = $1 AND type = 'LOGIN_ON_NEW_DEVICE' ORDER BY id",
        [owner.userId],
      )
    ).map(({ device_id: id }) => id);
  // The very first device is where the account comes from.
  expect(await told()).toEqual([]);
  await Promise.all(Array.from({ length: 5 }, () => auth.login(owner.email, { deviceToken: owner.deviceToken })));
  await auth.sql("UPDATE sessions SET ip = '192.0.2.9' WHERE user_id = $1", [owner.userId]);
  await auth.login(owner.email, { deviceToken: owner.deviceToken });
  expect(await told()).toEqual([]);

  const { tokens } = await auth.login(owner.email);
  const second = await deviceOf(personOf(owner.email, tokens));
  expect(await told()).toEqual([second]);
  await Promise.all(Array.from({ length: 5 }, () => auth.login(owner.email, { deviceToken: tokens.deviceToken })));
  expect(await told()).toEqual([second]);

  // Also when all devices were cleaned up or lost meanwhile.
  await auth.sql('DELETE FROM devices WHERE user_id = $1', [owner.userId]);
  await auth.login(owner.email, { deviceToken: owner.deviceToken });
  expect(await told()).toHaveLength(2);
});

test('people see their devices, which one they are on, and name them', async () => {
  const owner = await person(auth, 'lists@example.com');
  const { tokens } = await auth.login(owner.email);
  const other = await deviceOf(personOf(owner.email, tokens));
  const id = await deviceOf(owner);
  expect(await change('renameDevice', owner, { id, name: '  My laptop ' })).toMatchObject({
    device: { name: 'My laptop' },
    userErrors: [],
  });
  const { data } = await auth.query(
    '{ myDevices(first: 5) { nodes { id name platform trustedUntil isCurrent firstSeenAt lastSeenAt } } }',
    { viewer: owner.viewer },
  );
  expect(data.myDevices.nodes).toMatchObject([
    { id: other, name: 'test', platform: null, trustedUntil: null, isCurrent: false },
    { id, name: 'My laptop', isCurrent: true },
  ]);
});

test.each(['a\r\nBcc: x@y', 'a\u202eb', '', '   ', 'x'.repeat(81), 'a\u0000b'])(
  'ID-22: a device cannot be called %j',
  async (name) => {
    const owner = await person(auth, `${uuidv7()}@example.com`);
    const id = await deviceOf(owner);
    const input = { id, name };
    const { data, errors } = await auth.query(
      'mutation ($input: RenameDeviceInput!) { renameDevice(input: $input) { userErrors { code } } }',
      { variables: { input }, viewer: owner.viewer },
    );
    // U+0000 is refused before anything runs.
    expect(errors[0]?.extensions['code'] ?? data.renameDevice.userErrors[0].code).toBe(
      name.includes('\0') ? 'BAD_USER_INPUT' : 'DEVICE_NAME_INVALID',
    );
  },
);

test("another's devices cannot be changed, nor told from those that do not exist", async () => {
  const [owner, stranger] = [await person(auth, 'mine@example.com'), await person(auth, 'other@example.com')];
  const id = await deviceOf(owner);
  for (const mutation of ['renameDevice', 'untrustDevice', 'revokeDevice'] as const) {
    for (const target of [id, stranger.userId, "' OR 1=1"]) {
      const input = mutation === 'renameDevice' ? { id: target, name: 'Mine' } : { id: target };
      expect(await change(mutation, stranger, input)).toEqual({
        device: null,
        userErrors: [{ code: 'DEVICE_NOT_FOUND', path: ['input', 'id'] }],
      });
    }
  }
});

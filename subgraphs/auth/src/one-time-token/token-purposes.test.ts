import { testViewer } from '@orion/platform/testing';
import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth?.stop());

/** Every mutation that takes a token, and the field that says that it was good. */
const TAKERS = {
  verify: [
    'mutation ($t: String!) { answer: verifyEmail(input: { token: $t }) { good: verified userErrors { code } } }',
  ],
  reset: [
    'mutation ($t: String!) { answer: resetPassword(input: { token: $t, newPassword: "a brand new battery" }) { good: reset userErrors { code } } }',
  ],
  change: [
    'mutation ($t: String!) { answer: confirmEmailChange(input: { token: $t }) { good: changed userErrors { code } } }',
  ],
  unlock: [
    'mutation ($t: String!) { answer: unlockAccount(input: { token: $t }) { good: unlocked userErrors { code } } }',
  ],
  refresh: [
    'mutation ($t: String!) { answer: refreshTokens(input: { refreshToken: $t }) { good: tokens { tokenType } userErrors { code } } }',
  ],
} as const;
type Kind = keyof typeof TAKERS;

const give = async (kind: Kind, t: string): Promise<{ good: unknown; userErrors: { code: string }[] }> =>
  (await auth.query(TAKERS[kind][0], { variables: { t } })).data.answer;

test('ID-31: a token of one kind is good for nothing else, and is still good for its own purpose afterwards', async () => {
  await auth.register('purpose-new@example.com');
  await auth.member('purpose@example.com');
  const { tokens } = await auth.login('purpose@example.com');
  await auth.query('mutation { requestPasswordReset(input: { email: "purpose@example.com" }) { accepted } }');
  await auth.query('mutation { requestEmailChange(input: { newEmail: "other@example.com" }) { accepted } }', {
    viewer: testViewer({ userId: tokens.user.id, sessionId: tokens.session.id }),
  });
  for (let attempt = 0; attempt < 5; attempt += 1)
    await auth.login('purpose@example.com', { password: 'wrong battery' });
  const first = async (kind: 'reset' | 'change' | 'unlock') =>
    (await auth.mailed('purpose@example.com', kind))[0] ?? '';
  const issued: Record<Kind | 'device' | 'access', string> = {
    verify: await auth.verificationToken('purpose-new@example.com'),
    unlock: await first('unlock'),
    change: await first('change'),
    reset: await first('reset'),
    refresh: tokens.refreshToken,
    device: tokens.deviceToken,
    access: tokens.accessToken,
  };
  expect(new Set(Object.values(issued)).size).toBe(7);
  for (const [kind, token] of Object.entries(issued)) {
    for (const taker of Object.keys(TAKERS) as Kind[]) {
      if (taker === kind) continue;
      const { good, userErrors } = await give(taker, token);
      expect({ kind, taker, good: Boolean(good), code: userErrors[0]?.code }).toEqual({
        kind,
        taker,
        good: false,
        code: taker === 'refresh' ? 'INVALID_REFRESH_TOKEN' : 'INVALID_TOKEN',
      });
    }
  }
  // None of that used one up. In this order none ends another before its turn.
  for (const kind of ['verify', 'refresh', 'unlock', 'reset'] as const) {
    expect({ kind, good: Boolean((await give(kind, issued[kind])).good) }).toEqual({ kind, good: true });
  }
});

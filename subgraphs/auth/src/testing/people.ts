import type { Viewer } from '@orion/platform/identity';
import { createTotpApp, testViewer } from '@orion/platform/testing';
import type { TotpApp } from '@orion/platform/testing';
import { PASSWORD } from './auth-fixture.js';
import type { AuthFixture } from './auth-fixture.js';

/** Somebody who is signed in. */
export interface Person {
  readonly email: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly deviceToken: string;
  readonly viewer: Viewer;
}

/** Somebody with a second factor. */
export interface Enrolled extends Person {
  readonly app: TotpApp;
  readonly backupCodes: readonly string[];
}

export async function person(auth: AuthFixture, email: string): Promise<Person> {
  await auth.member(email);
  const { tokens } = await auth.login(email);
  return personOf(email, tokens);
}

/** Who has these tokens. */
export function personOf(
  email: string,
  tokens: {
    readonly user: { readonly id: string };
    readonly session: { readonly id: string };
    readonly deviceToken: string;
  },
): Person {
  const { user, session, deviceToken } = tokens;
  const viewer = testViewer({ userId: user.id, sessionId: session.id });
  return { email, userId: user.id, sessionId: session.id, deviceToken, viewer };
}

/** A person who has set an authenticator app up. Its code of now is used up with that. */
export async function enrolled(auth: AuthFixture, email: string): Promise<Enrolled> {
  const someone = await person(auth, email);
  const app = await startEnrollment(auth, someone);
  const { backupCodes, userErrors } = await confirm(auth, someone, app.code());
  expect(userErrors).toEqual([]);
  return { ...someone, app, backupCodes };
}

export async function startEnrollment(auth: AuthFixture, { viewer }: Person): Promise<TotpApp> {
  const { data } = await auth.query(START, { viewer });
  expect(data.startTotpEnrollment.userErrors).toEqual([]);
  return createTotpApp(data.startTotpEnrollment.secret);
}

export async function confirm(auth: AuthFixture, { viewer }: Person, code: string) {
  const { data } = await auth.query(CONFIRM, { viewer, variables: { input: { code } } });
  return data.confirmTotpEnrollment as { backupCodes: string[]; userErrors: { code: string }[] };
}

/** The challenge that a sign-in with the right password gets. */
export async function challenge(auth: AuthFixture, email: string, overrides: Readonly<Record<string, unknown>> = {}) {
  const answer = await auth.login(email, { password: PASSWORD, ...overrides });
  expect(answer).toMatchObject({ tokens: null, userErrors: [], challenge: { attemptsLeft: 5 } });
  return answer.challenge.token as string;
}

/** Answers a challenge; by default with a code of the app. */
export async function completeMfa(
  auth: AuthFixture,
  input: {
    readonly challenge: string;
    readonly code: string;
    readonly method?: 'TOTP' | 'BACKUP_CODE';
    readonly trustDevice?: boolean;
  },
) {
  const { data, errors } = await auth.query(COMPLETE, { variables: { input: { method: 'TOTP', ...input } } });
  expect(errors).toEqual([]);
  return data.completeMfa;
}

/** A code counts as if no code was ever given, so that a test need not wait for the next one. */
export async function forgetUsedCodes(auth: AuthFixture, { userId }: Pick<Person, 'userId'>): Promise<void> {
  await auth.sql('UPDATE two_factor_auth SET last_step = 0 WHERE user_id = $1', [userId]);
}

/** A code that none of the next steps has. */
export function wrongCode(app: TotpApp): string {
  const right = new Set([-2, -1, 0, 1, 2, 3].map((steps) => app.code(steps)));
  const wrong = ['000000', '111111', '222222', '333333', '444444', '555555', '666666'].find((code) => !right.has(code));
  if (wrong === undefined) throw new Error('seven codes of six steps');
  return wrong;
}

const START = 'mutation { startTotpEnrollment { secret otpauthUri qrSvg userErrors { code } } }';
const CONFIRM = `mutation ($input: ConfirmTotpEnrollmentInput!) {
  confirmTotpEnrollment(input: $input) { backupCodes userErrors { code path } } }`;
const COMPLETE = `mutation ($input: CompleteMfaInput!) { completeMfa(input: $input) { challenge { token }
  userErrors { code path } tokens { accessToken refreshToken deviceToken session { id } user { id } } } }`;

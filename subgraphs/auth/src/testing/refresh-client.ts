import { CONTEXT_HEADER, signContext } from '@orion/platform/identity';
import { uuidv7 } from '@orion/platform/ids';
import { testViewer } from '@orion/platform/testing';
import type { AuthFixture } from './auth-fixture.js';

/** What a client gets from refreshTokens. */
export interface Refreshed {
  readonly tokens: {
    readonly accessToken: string;
    readonly refreshToken: string;
    readonly refreshExpiresAt: string;
    readonly session: { readonly id: string };
  } | null;
  readonly userErrors: readonly { readonly code: string }[];
}

const REFRESH = `mutation ($input: RefreshTokensInput!) { refreshTokens(input: $input) {
  userErrors { code } tokens { accessToken refreshToken refreshExpiresAt session { id } } } }`;

/** Refreshes as a client that calls itself `userAgent`; what it answers is what the gateway would hand on. */
export async function refreshAs(
  auth: AuthFixture,
  input: { readonly refreshToken: string; readonly deviceToken?: string },
  { userAgent = 'test', ip = '127.0.0.1' }: { readonly userAgent?: string; readonly ip?: string } = {},
): Promise<Refreshed> {
  const body = JSON.stringify({ query: REFRESH, variables: { input } });
  const context = await signContext(
    { viewer: null, requestId: uuidv7(), clientIp: ip, userAgent },
    { secret: auth.environment['ORION_CONTEXT_SECRET'] ?? '', audience: 'auth', body },
  );
  const response = await fetch(auth.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [CONTEXT_HEADER]: context },
    body,
  });
  const { data, errors } = (await response.json()) as { data?: { refreshTokens: Refreshed }; errors?: unknown };
  if (data === undefined || errors !== undefined) throw new Error(JSON.stringify(errors));
  return data.refreshTokens;
}

/** Registers, verifies and signs in. */
export async function signedIn(auth: AuthFixture, email: string) {
  await auth.member(email);
  return signedInAgain(auth, email);
}

/** Signs in a member. */
export async function signedInAgain(auth: AuthFixture, email: string) {
  const { tokens } = await auth.login(email);
  return {
    userId: tokens.user.id as string,
    sessionId: tokens.session.id as string,
    refreshToken: tokens.refreshToken as string,
    accessToken: tokens.accessToken as string,
    deviceToken: tokens.deviceToken as string,
    viewer: testViewer({ userId: tokens.user.id, sessionId: tokens.session.id }),
  };
}

/** Null while the session is alive. */
export async function endOf(auth: AuthFixture, sessionId: string): Promise<string | null> {
  const [row] = await auth.sql<{ revoked_reason: string | null }>('SELECT revoked_reason FROM sessions WHERE id = $1', [
    sessionId,
  ]);
  return row?.revoked_reason ?? null;
}

import { createTotpApp, eventually } from '@orion/platform/testing';
import type { TotpApp } from '@orion/platform/testing';
import { createGraphClient } from './graph-client.js';
import type { GraphClient } from './graph-client.js';
import { newcomerPassword } from './people.js';
import type { SignedIn } from './people.js';

/** What is needed to give a second factor. */
export interface SecondFactor {
  readonly app: TotpApp;
  readonly backupCodes: readonly string[];
  /** The code that it was confirmed with. */
  readonly usedCode: string;
}

/** Answer to a sign-in, as a client sees it. */
export interface LoginAnswer {
  readonly tokens: {
    readonly accessToken: string;
    readonly refreshToken: string;
    readonly deviceToken: string | null;
    readonly session: { readonly id: string };
    readonly user: { readonly id: string };
  } | null;
  readonly challenge: { readonly token: string; readonly methods: readonly string[] } | null;
  readonly userErrors: readonly { readonly code: string }[];
}

const ANSWER = `tokens { accessToken refreshToken deviceToken session { id } user { id } }
  challenge { token methods } userErrors { code path }`;

/** Runs a mutation that begins a session, and fails when it is not even understood. */
export async function loginBy(
  url: string,
  mutation: 'login' | 'completeMfa' | 'loginWithCode' | 'finishPasskeyLogin',
  input: Readonly<Record<string, unknown>>,
): Promise<LoginAnswer> {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
  const { data, errors } = await createGraphClient(url).query(
    `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${ANSWER} } }`,
    { input },
  );
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data[mutation];
}

/** Signs in with the password of a newcomer. */
export function login(url: string, email: string, options: { readonly deviceToken?: string | null } = {}) {
  return loginBy(url, 'login', { email, password: newcomerPassword, ...options });
}

/** Sets an authenticator app up. Its code of now is used up with that. */
export async function enroll({ client }: Pick<SignedIn, 'client'>): Promise<SecondFactor> {
  const started = await client.query('mutation { startTotpEnrollment { secret userErrors { code } } }');
  const secret = started.data?.startTotpEnrollment.secret;
  if (typeof secret !== 'string') throw new Error(`no secret: ${JSON.stringify(started)}`);
  const app = createTotpApp(secret);
  const usedCode = app.code();
  const confirmed = await client.query(
    `mutation ($input: ConfirmTotpEnrollmentInput!) { confirmTotpEnrollment(input: $input) {
       backupCodes userErrors { code } } }`,
    { input: { code: usedCode } },
  );
  const backupCodes = confirmed.data?.confirmTotpEnrollment.backupCodes;
  if (!Array.isArray(backupCodes)) throw new Error(`not confirmed: ${JSON.stringify(confirmed)}`);
  return { app, backupCodes, usedCode };
}

/** The digits in the captured mail with a code to sign in, as soon as the mail is there. */
export function mailedLoginCode(client: GraphClient, email: string): Promise<string> {
  return eventually(async () => {
    const { data, errors } = await client.query(
      'query ($email: String!) { capturedMessages(recipient: $email, first: 10) { nodes { text } } }',
      { email },
    );
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
    const texts: string[] = data.capturedMessages.nodes.map(({ text }: { text: string }) => text);
    return texts.map((text) => /\b[0-9]{8}\b/.exec(text)?.[0]).find((code) => code !== undefined);
  });
}

import { eventually } from '@orion/platform/testing';
import { createGraphClient } from './graph-client.js';
import type { GraphClient } from './graph-client.js';

/** Somebody who is signed in. */
export interface SignedIn {
  readonly userId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly sessionId: string;
  readonly client: GraphClient;
}

const PASSWORD = 'correct horse battery';

/** Registers, reads the mail, verifies and signs in: the path of every newcomer. */
export async function newcomer(url: string, { name }: { readonly name: string }): Promise<SignedIn> {
  const email = `${name.toLowerCase()}@example.com`;
  const anonymous = createGraphClient(url);
  const registered = await anonymous.query(REGISTER, {
    input: { email, password: PASSWORD, displayName: name, locale: 'en' },
  });
  if (registered.data?.register.accepted !== true) throw new Error(`not accepted: ${JSON.stringify(registered)}`);
  const token = await verificationToken(anonymous, { email });
  const verified = await anonymous.query(VERIFY, { input: { token } });
  if (verified.data?.verifyEmail.verified !== true) throw new Error(`not verified: ${JSON.stringify(verified)}`);
  return signIn(url, { email, password: PASSWORD });
}

/** The token in the link of the captured verification mail, as soon as the mail is there. */
export function verificationToken(client: GraphClient, { email }: { readonly email: string }): Promise<string> {
  return eventually(async () => {
    const { data, errors } = await client.query(MAILS, { email });
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
    const texts: string[] = data.capturedMessages.nodes.map(({ text }: { text: string }) => text);
    return texts.map((text) => /token=([\w-]+)/.exec(text)?.[1]).find((token) => token !== undefined);
  });
}

/** The token in the newest captured mail with a link to a page of the gateway, such as `reset-password`. */
export function mailedToken(
  client: GraphClient,
  { email, page }: { readonly email: string; readonly page: string },
): Promise<string> {
  return eventually(async () => {
    const { data, errors } = await client.query(MAILS, { email });
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
    const texts: string[] = data.capturedMessages.nodes.map(({ text }: { text: string }) => text);
    const link = new RegExp(`/${page}\\?token=([\\w-]+)`);
    return texts.map((text) => link.exec(text)?.[1]).find((token) => token !== undefined);
  });
}

export async function signIn(
  url: string,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<SignedIn> {
  const answer = await createGraphClient(url).query(LOGIN, { input: { email, password } });
  const tokens = answer.data?.login.tokens;
  if (tokens == null) throw new Error(`not signed in: ${JSON.stringify(answer)}`);
  return {
    userId: tokens.user.id,
    sessionId: tokens.session.id,
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken,
    client: createGraphClient(url, { token: tokens.accessToken }),
  };
}

/** Password of everybody that {@link newcomer} made. */
export const newcomerPassword = PASSWORD;

const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { accepted userErrors { code path } } }';
const VERIFY = 'mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) { verified userErrors { code } } }';
const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) {
  tokens { accessToken refreshToken session { id } user { id } } userErrors { code message } } }`;
const MAILS = 'query ($email: String!) { capturedMessages(recipient: $email, first: 10) { nodes { subject text } } }';

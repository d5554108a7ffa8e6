import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { generateKeyPairSync } from 'node:crypto';
import type { Provider } from 'oidc-provider';

/** Somebody who has an identity there. */
export interface ForeignPerson {
  readonly email: string;
  readonly emailVerified: boolean;
  readonly name: string;
}

/** A provider of identities on loopback, with the protocol as the real one speaks it. */
export interface IdentityProvider {
  readonly issuer: string;
  /** By the name that somebody signs in with there; for GitHub's API a number. Changes at any time. */
  readonly people: Map<string, ForeignPerson>;
  stop(): Promise<void>;
}

/** What a browser comes back with. */
export interface ProviderAnswer {
  readonly code: string;
  readonly state: string;
  readonly iss: string;
}

export const PROVIDER_CLIENT = { id: 'orion', secret: 'a secret that only the two of them know' } as const;

const unmuteImport = muteAdvice();
const library = await import('oidc-provider');
unmuteImport();

/** OpenID Connect, as Google does: who it is, is in the ID token. */
export function startOpenIdProvider(redirectUri: string): Promise<IdentityProvider> {
  return start(redirectUri, () => undefined);
}

/** OAuth 2 alone, as GitHub does: who it is, is asked of an API with the access token. */
export function startOAuthProvider(redirectUri: string): Promise<IdentityProvider> {
  return start(redirectUri, (provider, people) => {
    provider.use(async (context, next) => {
      if (context.path !== '/user' && context.path !== '/user/emails') return next();
      const token = await provider.AccessToken.find(context.get('authorization').replace(/^Bearer /, ''));
      const person = token === undefined ? undefined : people.get(token.accountId);
      context.status = person === undefined ? 401 : 200;
      if (person === undefined || token === undefined) {
        context.body = { message: 'Bad credentials' };
      } else if (context.path === '/user') {
        context.body = { id: Number(token.accountId), login: `person-${token.accountId}`, name: person.name };
      } else {
        const { email, emailVerified: verified } = person;
        context.body = [
          { email: `other-${email}`, primary: false, verified: true, visibility: null },
          { email, primary: true, verified, visibility: 'private' },
        ];
      }
    });
  });
}

async function start(
  redirectUri: string,
  extend: (provider: Provider, people: IdentityProvider['people']) => void,
): Promise<IdentityProvider> {
  const people: IdentityProvider['people'] = new Map();
  let handle: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | undefined;
  const server = createServer((request, response) => {
    void handle?.(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const unmute = muteAdvice();
  const provider = new library.Provider(issuer, configurationOf({ redirectUri, people }));
  unmute();
  extend(provider, people);
  handle = provider.callback();
  return {
    issuer,
    people,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/**
 * It advises against what is right for the length of a test only: sessions in memory, its own plain pages, and a version
 * of Node that it does not run on for years. What is returned lets warnings through again.
 */
function muteAdvice(): () => void {
  const { warn } = console;
  console.warn = () => undefined;
  return () => {
    console.warn = warn;
  };
}

function configurationOf({
  redirectUri,
  people,
}: {
  readonly redirectUri: string;
  readonly people: IdentityProvider['people'];
}): Readonly<Record<string, unknown>> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    clients: [
      {
        client_id: PROVIDER_CLIENT.id,
        client_secret: PROVIDER_CLIENT.secret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['only for the length of a test'] },
    scopes: ['openid', 'offline_access', 'read:user', 'user:email'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false,
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => {
        const person = people.get(accountId);
        if (person === undefined) throw new Error(`nobody is called ${accountId}`);
        const { email, emailVerified, name } = person;
        return { sub: accountId, email, email_verified: emailVerified, name };
      },
    }),
  };
}

/** Signs in at the provider as a browser would, with the provider's own pages, and says what comes back. */
export async function visitProvider(authorizationUrl: string, login: string): Promise<ProviderAnswer> {
  const cookies = new Map<string, string>();
  const origin = new URL(authorizationUrl).origin;
  const forms = [{ prompt: 'login', login, password: 'whatever' }, { prompt: 'consent' }];
  let url = authorizationUrl;
  let form: Readonly<Record<string, string>> | undefined;
  for (let step = 0; step < 12; step += 1) {
    const response = await fetch(url, {
      redirect: 'manual',
      method: form === undefined ? 'GET' : 'POST',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form !== undefined && { body: new URLSearchParams(form) }),
    });
    form = undefined;
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) {
      // A page to fill in: it is sent to where it came from.
      form = forms.shift();
      if (response.status !== 200 || form === undefined)
        throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
      continue;
    }
    const target = new URL(location, url);
    if (target.origin !== origin) {
      const { code = '', state = '', iss = '' } = Object.fromEntries(target.searchParams);
      if (code === '') throw new Error(`the provider refuses: ${target.search}`);
      return { code, state, iss };
    }
    url = target.href;
  }
  throw new Error('the provider sends the browser around in circles');
}

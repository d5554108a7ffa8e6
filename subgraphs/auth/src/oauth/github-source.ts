import * as oauth from 'oauth4webapi';
import { z } from 'zod';
import { createGuardedFetch } from './guarded-fetch.js';
import type { GuardedFetch } from './guarded-fetch.js';
import { answerParameters } from './identity-source.js';
import type { ForeignIdentity, IdentitySource } from './identity-source.js';
import { refusalOf } from './refusal-of.js';

const person = z.object({ id: z.number().int().or(z.string().min(1)), login: z.string(), name: z.string().nullish() });
const addresses = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() })).max(1_000);

/** OAuth 2 without ID token: who it is, is asked of the API with the access token. */
export function createGitHubSource({
  issuer,
  authorizationUrl,
  tokenUrl,
  apiUrl,
  clientId,
  clientSecret,
  timeoutMs,
}: {
  readonly issuer: string;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly timeoutMs?: number;
}): IdentitySource {
  const guardedFetch = createGuardedFetch({
    configured: [issuer, authorizationUrl, tokenUrl, apiUrl],
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
  const server = { issuer, authorization_endpoint: authorizationUrl, token_endpoint: tokenUrl };
  const client = { client_id: clientId };
  const options = {
    [oauth.customFetch]: guardedFetch as NonNullable<oauth.TokenEndpointRequestOptions[typeof oauth.customFetch]>,
    [oauth.allowInsecureRequests]: new URL(tokenUrl).protocol === 'http:',
  };

  return {
    name: 'GitHub',
    async authorizationUrl({ redirectUri, state, verifier }) {
      const url = new URL(authorizationUrl);
      const parameters = {
        client_id: clientId,
        response_type: 'code',
        redirect_uri: redirectUri,
        scope: 'read:user user:email',
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url;
    },
    async identify(visit, answer): Promise<ForeignIdentity> {
      try {
        const parameters = oauth.validateAuthResponse(server, client, answerParameters(visit, answer), visit.state);
        const response = await oauth.authorizationCodeGrantRequest(
          server,
          client,
          oauth.ClientSecretPost(clientSecret),
          parameters,
          visit.redirectUri,
          visit.verifier,
          options,
        );
        const { access_token: token } = await oauth.processAuthorizationCodeResponse(server, client, response);
        const [who, emails] = await Promise.all([
          ask(guardedFetch, { url: `${apiUrl}/user`, token, schema: person }),
          ask(guardedFetch, { url: `${apiUrl}/user/emails`, token, schema: addresses }),
        ]);
        const primary = emails.find((address) => address.primary);
        return {
          issuer,
          // The number: the name can be given up and taken by somebody else.
          subject: String(who.id),
          email: primary?.email ?? null,
          emailVerified: primary?.verified === true,
          displayName: who.name ?? who.login,
          locale: null,
        };
      } catch (error) {
        throw refusalOf(error);
      }
    },
  };
}

async function ask<Schema extends z.ZodType>(
  guardedFetch: GuardedFetch,
  { url, token, schema }: { readonly url: string; readonly token: string; readonly schema: Schema },
): Promise<z.infer<Schema>> {
  const response = await guardedFetch(url, {
    headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${token}`, 'user-agent': 'orion' },
  });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  return schema.parse(await response.json());
}

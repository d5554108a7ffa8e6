import * as oidc from 'openid-client';
import type { Configuration } from 'openid-client';
import { createGuardedFetch, ProviderUnreachableError } from './guarded-fetch.js';
import { answerParameters } from './identity-source.js';
import type { ForeignIdentity, IdentitySource } from './identity-source.js';
import { refusalOf } from './refusal-of.js';

/** The provider may change what it says of itself. */
const REMEMBER_MS = 3_600_000;

/** A provider of OpenID Connect: code flow with PKCE and nonce; the ID token is verified, its signature included. */
export function createGoogleSource({
  issuer,
  clientId,
  clientSecret,
  timeoutMs,
}: {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly timeoutMs?: number;
}): IdentitySource {
  const guardedFetch = createGuardedFetch({ configured: [issuer], ...(timeoutMs !== undefined && { timeoutMs }) });
  let known: { readonly configuration: Promise<Configuration>; readonly until: number } | undefined;

  async function discover(): Promise<Configuration> {
    const server = new URL(issuer);
    const configuration = await oidc.discovery(server, clientId, undefined, oidc.ClientSecretPost(clientSecret), {
      [oidc.customFetch]: guardedFetch,
      execute: server.protocol === 'http:' ? [oidc.allowInsecureRequests] : [],
    });
    configuration[oidc.customFetch] = guardedFetch;
    // Not only because TLS says who answered: the signature of the ID token is checked as well.
    oidc.enableNonRepudiationChecks(configuration);
    return configuration;
  }

  function configured(): Promise<Configuration> {
    if (known === undefined || known.until < Date.now()) {
      const configuration = discover();
      known = { configuration, until: Date.now() + REMEMBER_MS };
      configuration.catch(() => (known = undefined));
    }
    return known.configuration.catch((error: unknown) => {
      throw new ProviderUnreachableError('the provider does not say how to reach it', { cause: error });
    });
  }

  return {
    name: 'Google',
    async authorizationUrl({ redirectUri, state, verifier, nonce }) {
      return oidc.buildAuthorizationUrl(await configured(), {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
    },
    async identify(visit, answer): Promise<ForeignIdentity> {
      const configuration = await configured();
      const current = new URL(visit.redirectUri);
      for (const [name, value] of answerParameters(visit, answer)) current.searchParams.set(name, value);
      try {
        const tokens = await oidc.authorizationCodeGrant(
          configuration,
          current,
          {
            pkceCodeVerifier: visit.verifier,
            expectedNonce: visit.nonce,
            expectedState: visit.state,
            idTokenExpected: true,
          },
          { redirect_uri: visit.redirectUri },
        );
        const claims = tokens.claims();
        if (claims === undefined) throw new Error('there is no ID token');
        const person =
          claims['email'] === undefined && configuration.serverMetadata().userinfo_endpoint !== undefined
            ? await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub)
            : claims;
        return {
          issuer: claims.iss,
          subject: claims.sub,
          email: textOf(person['email']),
          emailVerified: person['email_verified'] === true,
          displayName: textOf(person['name']),
          locale: textOf(person['locale']),
        };
      } catch (error) {
        throw refusalOf(error);
      }
    },
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

import { ConfigError } from '@orion/platform/config';
import type { AuthConfig } from '../config.js';
import { createGitHubSource } from './github-source.js';
import { createGoogleSource } from './google-source.js';
import type { IdentitySource } from './identity-source.js';
import { OAuthProvider } from './oauth.types.js';
import type { OAuthProviderInfo } from './oauth.types.js';

/** The providers that are configured. */
export interface IdentitySources {
  readonly offered: readonly OAuthProviderInfo[];
  /** Where providers may send people back to, exactly. */
  readonly redirectUris: readonly string[];
  /** Null when it is not offered. */
  of(provider: OAuthProvider): IdentitySource | null;
}

/** A provider is offered when it has a client id. Throws ConfigError for one that could not be trusted. */
export function createIdentitySources(config: AuthConfig): IdentitySources {
  const sources = new Map<OAuthProvider, IdentitySource>();
  const { OAUTH_GOOGLE_CLIENT_ID: googleId, OAUTH_GITHUB_CLIENT_ID: githubId } = config;
  const secretOf = (name: 'OAUTH_GOOGLE_CLIENT_SECRET' | 'OAUTH_GITHUB_CLIENT_SECRET'): string => {
    const secret = config[name];
    if (secret === undefined) throw new ConfigError([`${name} is not set, and the id of the client is`]);
    return secret;
  };
  if (config.NODE_ENV === 'production') refusePlainText(config);
  const timeoutMs = config.OAUTH_TIMEOUT_MS;
  if (googleId !== undefined) {
    const clientSecret = secretOf('OAUTH_GOOGLE_CLIENT_SECRET');
    const issuer = config.OAUTH_GOOGLE_ISSUER;
    sources.set(OAuthProvider.GOOGLE, createGoogleSource({ issuer, clientId: googleId, clientSecret, timeoutMs }));
  }
  if (githubId !== undefined) {
    sources.set(
      OAuthProvider.GITHUB,
      createGitHubSource({
        issuer: config.OAUTH_GITHUB_ISSUER,
        authorizationUrl: config.OAUTH_GITHUB_AUTHORIZATION_URL,
        tokenUrl: config.OAUTH_GITHUB_TOKEN_URL,
        apiUrl: config.OAUTH_GITHUB_API_URL,
        clientId: githubId,
        clientSecret: secretOf('OAUTH_GITHUB_CLIENT_SECRET'),
        timeoutMs,
      }),
    );
  }
  return {
    offered: [...sources].map(([provider, { name }]) => ({ provider, name })),
    redirectUris: config.OAUTH_REDIRECT_URIS,
    of: (provider) => sources.get(provider) ?? null,
  };
}

/** Codes and secrets would go over the network as anybody can read them. */
function refusePlainText(config: AuthConfig): void {
  const names = [
    'OAUTH_GOOGLE_ISSUER',
    'OAUTH_GITHUB_AUTHORIZATION_URL',
    'OAUTH_GITHUB_TOKEN_URL',
    'OAUTH_GITHUB_API_URL',
  ] as const;
  const plain = names.filter((name) => !config[name].startsWith('https:'));
  if (plain.length > 0) throw new ConfigError(plain.map((name) => `${name}: must be https in production`));
}

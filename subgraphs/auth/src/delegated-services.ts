import type { Logger } from '@orion/platform/log';
import type { Sealer } from '@orion/platform/sealing';
import type { DataSource } from 'typeorm';
import type { AuthConfig } from './config.js';
import { Impersonation } from './impersonation/impersonation.entity.js';
import { ImpersonationResolver } from './impersonation/impersonation.resolver.js';
import { ImpersonationService } from './impersonation/impersonation.service.js';
import { createIdentitySources } from './oauth/identity-sources.js';
import { LinkedAccountsService } from './oauth/linked-accounts.service.js';
import { OAuthAccount } from './oauth/oauth-account.entity.js';
import { OAuthResolver } from './oauth/oauth.resolver.js';
import { OAuthService } from './oauth/oauth.service.js';
import { OAuthState } from './oauth/oauth-state.entity.js';
import type { PasswordResetService } from './password-reset/password-reset.service.js';
import type { RegistrationService } from './registration/registration.service.js';
import type { SessionService } from './session/session.service.js';
import type { SignInService } from './sign-in/sign-in.service.js';
import type { AccessTokens } from './token/access-token.js';
import { AdminResolver } from './admin/admin.resolver.js';
import { AdminService } from './admin/admin.service.js';

/** Tables of identities at providers, and of what operators do. */
export const delegatedEntities = [Impersonation, OAuthAccount, OAuthState] as const;

/** Resolvers of it. */
export const delegatedResolvers = [AdminResolver, ImpersonationResolver, OAuthResolver] as const;

/** Makes what lets others speak for somebody: providers of identities, and operators. */
export function createDelegatedResolvers({
  config,
  database,
  accessTokens,
  registration,
  resets,
  sealer,
  sessions,
  signIns,
  logger,
}: {
  readonly config: AuthConfig;
  readonly database: DataSource;
  readonly accessTokens: AccessTokens;
  readonly registration: RegistrationService;
  readonly resets: PasswordResetService;
  readonly sealer: Sealer;
  readonly sessions: SessionService;
  readonly signIns: SignInService;
  readonly logger: Logger;
}) {
  const sources = createIdentitySources(config);
  const oauth = new OAuthService(database, { sources, signIns, registration, sessions, sealer, logger });
  return [
    new AdminResolver(new AdminService(database, sessions, resets)),
    new ImpersonationResolver(new ImpersonationService(database, accessTokens)),
    new OAuthResolver(oauth, new LinkedAccountsService(database), sources),
  ] as const;
}

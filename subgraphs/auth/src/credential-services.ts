import type { Sealer } from '@orion/platform/sealing';
import type { DataSource } from 'typeorm';
import type { AuthConfig } from './config.js';
import { EmailChange } from './email-change/email-change.entity.js';
import { EmailChangeResolver } from './email-change/email-change.resolver.js';
import { EmailChangeService } from './email-change/email-change.service.js';
import { LockoutResolver } from './lockout/lockout.resolver.js';
import { LockoutService } from './lockout/lockout.service.js';
import { LoginAttempt } from './login-attempt/login-attempt.entity.js';
import { LoginAttemptResolver } from './login-attempt/login-attempt.resolver.js';
import { LoginAttemptService } from './login-attempt/login-attempt.service.js';
import { PasswordReset } from './password-reset/password-reset.entity.js';
import { PasswordResetResolver } from './password-reset/password-reset.resolver.js';
import { PasswordResetService } from './password-reset/password-reset.service.js';
import { RegistrationResolver } from './registration/registration.resolver.js';
import { RegistrationService } from './registration/registration.service.js';
import type { SessionService } from './session/session.service.js';
import { PasswordCheckService } from './password/password-check.service.js';
import { createPasswordHasher } from './password/password-hasher.js';
import { PasswordPolicy } from './password/password-policy.js';
import { PasswordResolver } from './password/password.resolver.js';
import { PasswordService } from './password/password.service.js';

/** Tables of what is about passwords, addresses and attempts to sign in. */
export const credentialEntities = [EmailChange, LoginAttempt, PasswordReset] as const;

/** Resolvers of it. */
export const credentialResolvers = [
  EmailChangeResolver,
  LockoutResolver,
  LoginAttemptResolver,
  PasswordResetResolver,
  PasswordResolver,
  RegistrationResolver,
] as const;

/** Makes the services around passwords and addresses, and their resolvers. */
export async function createCredentialServices({
  config,
  database,
  sealer,
  sessions,
}: {
  readonly config: AuthConfig;
  readonly database: DataSource;
  readonly sealer: Sealer;
  readonly sessions: SessionService;
}) {
  const hasher = await createPasswordHasher({
    algorithm: config.PASSWORD_ALGO,
    bcryptCost: config.BCRYPT_COST,
    concurrency: config.HASH_CONCURRENCY,
  });
  const policy = new PasswordPolicy(config.PASSWORD_MIN_LENGTH, hasher.mostBytes);
  const checks = new PasswordCheckService(database, hasher, policy);
  const resets = new PasswordResetService(database, { hasher, policy, sealer, sessions });
  const registration = new RegistrationService(database, hasher, sealer, policy);
  return {
    hasher,
    policy,
    /** Asks somebody who is signed in for their password. */
    checks,
    resets,
    registration,
    resolvers: [
      new EmailChangeResolver(new EmailChangeService(database, sealer, sessions)),
      new LockoutResolver(new LockoutService(database)),
      new LoginAttemptResolver(new LoginAttemptService(database.manager)),
      new PasswordResetResolver(resets),
      new PasswordResolver(new PasswordService(database, { hasher, policy, sessions, checks }), policy),
      new RegistrationResolver(registration),
    ],
  };
}

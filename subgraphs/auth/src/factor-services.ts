import type { Sealer } from '@orion/platform/sealing';
import type { DataSource } from 'typeorm';
import { BackupCodes } from './backup-code/backup-codes.js';
import type { AuthConfig } from './config.js';
import { DeviceResolver } from './device/device.resolver.js';
import type { DeviceService } from './device/device.service.js';
import { OwnDevicesService } from './device/own-devices.service.js';
import { UserDevicesResolver } from './device/user-devices.resolver.js';
import { createKeyedHash } from './keyed-hash/keyed-hash.js';
import { LoginCodeResolver } from './login-code/login-code.resolver.js';
import { LoginCodeService } from './login-code/login-code.service.js';
import { CompleteMfaService } from './mfa-challenge/complete-mfa.service.js';
import { MfaChallengeResolver } from './mfa-challenge/mfa-challenge.resolver.js';
import { MfaChallenges } from './mfa-challenge/mfa-challenges.js';
import { OwnPasskeysService } from './passkey/own-passkeys.service.js';
import { Passkey } from './passkey/passkey.entity.js';
import { PasskeyResolver } from './passkey/passkey.resolver.js';
import { PasskeyService } from './passkey/passkey.service.js';
import { relyingPartyOf } from './passkey/relying-party.js';
import type { PasswordCheckService } from './password/password-check.service.js';
import type { SessionService } from './session/session.service.js';
import type { TokenPairService } from './session/token-pair.service.js';
import type { SignInService } from './sign-in/sign-in.service.js';
import { PasswordProof } from './step-up/password-proof.js';
import { StepUpResolver } from './step-up/step-up.resolver.js';
import { StepUpService } from './step-up/step-up.service.js';
import { SecondFactorService } from './two-factor/second-factor.service.js';
import { TwoFactorAuth } from './two-factor/two-factor.entity.js';
import { TwoFactorResolver } from './two-factor/two-factor.resolver.js';
import { TwoFactorService } from './two-factor/two-factor.service.js';

/** Tables of factors. */
export const factorEntities = [Passkey, TwoFactorAuth] as const;

/** Resolvers of what is about factors and devices. */
export const factorResolvers = [
  DeviceResolver,
  LoginCodeResolver,
  MfaChallengeResolver,
  PasskeyResolver,
  StepUpResolver,
  TwoFactorResolver,
  UserDevicesResolver,
] as const;

/** What checks second factors, before there is a way to sign in. */
export function createSecondFactors({ config, sealer }: { readonly config: AuthConfig; readonly sealer: Sealer }) {
  const backupCodes = new BackupCodes(createKeyedHash(config.ORION_SEALING_KEY, 'backup-code'));
  const factors = new SecondFactorService(sealer, backupCodes);
  return { backupCodes, factors, challenges: new MfaChallenges(factors, sealer) };
}

/** Makes the resolvers of what is about factors and devices. */
export function createFactorResolvers({
  config,
  database,
  sealer,
  secondFactors: { backupCodes, factors, challenges },
  devices,
  sessions,
  signIns,
  pairs,
  checks,
}: {
  readonly config: AuthConfig;
  readonly database: DataSource;
  readonly sealer: Sealer;
  readonly secondFactors: ReturnType<typeof createSecondFactors>;
  readonly devices: DeviceService;
  readonly sessions: SessionService;
  readonly signIns: SignInService;
  readonly pairs: TokenPairService;
  readonly checks: PasswordCheckService;
}) {
  const party = relyingPartyOf(config);
  const passwords = new PasswordProof(database, checks);
  const passkeys = new PasskeyService(database, party, signIns);
  const hash = createKeyedHash(config.ORION_SEALING_KEY, 'login-code');
  return [
    new DeviceResolver(devices, new OwnDevicesService(database, devices, sessions, factors), sessions),
    new LoginCodeResolver(new LoginCodeService(database, { sealer, hash, signIns, sessions })),
    new MfaChallengeResolver(new CompleteMfaService(database, challenges, factors, signIns, devices)),
    new PasskeyResolver(passkeys, new OwnPasskeysService(database, party, factors)),
    new StepUpResolver(new StepUpService(database, factors, passwords, passkeys, pairs)),
    new TwoFactorResolver(
      new TwoFactorService(database, sealer, { factors, backupCodes, passwords, issuer: config.MFA_ISSUER }),
    ),
    new UserDevicesResolver(devices),
  ];
}

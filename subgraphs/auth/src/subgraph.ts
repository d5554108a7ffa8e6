import { sessionRevoked } from '@orion/platform/event-contracts';
import { readEvent } from '@orion/platform/events';
import { createLiveChannel } from '@orion/platform/live';
import { defineSubgraph } from '@orion/platform/subgraph';
import { Account } from './account/account.entity.js';
import { AccountResolver } from './account/account.resolver.js';
import { AccountService } from './account/account.service.js';
import { User } from './account/user.stub.js';
import { configSchema } from './config.js';
import type { AuthConfig } from './config.js';
import { seedDemoAccounts } from './demo/demo-accounts.js';
import { Device } from './device/device.entity.js';
import { DeviceService } from './device/device.service.js';
import { createLoginAttempts } from './login/login-attempts.js';
import { LoginResolver } from './login/login.resolver.js';
import { LoginService } from './login/login.service.js';
import { createPasswordHasher } from './login/password-hasher.js';
import { migrations } from './migrations/index.js';
import { OneTimeToken } from './one-time-token/one-time-token.entity.js';
import { handlePermissionEvents } from './permission/permission.consumer.js';
import { RegistrationResolver } from './registration/registration.resolver.js';
import { RegistrationService } from './registration/registration.service.js';
import { AuthToken } from './session/auth-token.entity.js';
import { Session } from './session/session.entity.js';
import { SessionResolver } from './session/session.resolver.js';
import { SessionService } from './session/session.service.js';
import type { SessionRevoked } from './session/session.types.js';
import { SecurityEvent } from './security-event/security-event.entity.js';
import { SignInService } from './sign-in/sign-in.service.js';
import { TokenPairService } from './session/token-pair.service.js';
import { UserSessionsResolver } from './session/user-sessions.resolver.js';
import { createAccessTokens } from './token/access-token.js';
import { SigningKey } from './token/signing-key.entity.js';
import { loadSigningKeys } from './token/signing-keys.js';
import { registerUpkeep } from './upkeep/upkeep.job.js';

export const subgraph = defineSubgraph<AuthConfig>({
  name: 'auth',
  configSchema,
  entities: [Account, Device, OneTimeToken, AuthToken, SecurityEvent, Session, SigningKey],
  migrations,
  resolvers: [AccountResolver, LoginResolver, RegistrationResolver, SessionResolver, UserSessionsResolver],
  stubs: [User],
  owners: { User: 'id' },

  async assemble({ config, database, backbone, jobs, transport, sealer, logger }) {
    const keys = await loadSigningKeys(database, { sealer });
    const hasher = await createPasswordHasher({ concurrency: config.HASH_CONCURRENCY });
    const accessTokens = createAccessTokens(keys, {
      issuer: config.PUBLIC_URL,
      audience: config.JWT_AUDIENCE,
      seconds: config.ACCESS_TOKEN_SECONDS,
    });
    const accounts = new AccountService(database.manager);
    const devices = new DeviceService(database.manager);
    const sessions = new SessionService(database, config.SESSION_SECONDS);
    const pairs = new TokenPairService(database, sessions, accessTokens, sealer, config.REFRESH_TOKEN_SECONDS);
    const registration = new RegistrationService(database, hasher, sealer);
    const signIns = new SignInService(devices, sessions, pairs, { challengeFor: () => Promise.resolve(null) });
    const logins = new LoginService(database, accounts, hasher, createLoginAttempts(database), signIns);
    const revocations = createLiveChannel<SessionRevoked>();
    backbone.consume({ group: 'auth', topics: ['orion.user'], ordering: 'key', handle: handlePermissionEvents });
    registerUpkeep(jobs, { database, logger });

    return {
      resolvers: [
        new AccountResolver(accounts),
        new LoginResolver(logins),
        new RegistrationResolver(registration),
        new SessionResolver(sessions, devices, pairs, revocations),
        new UserSessionsResolver(sessions),
      ],
      references: {
        User: async ({ id = '' }, { loaders }) => ((await loaders.load(accounts.byId, id)) === null ? null : { id }),
        Session: ({ id = '' }, { loaders }) => loaders.load(sessions.byId, id),
        Device: ({ id = '' }, { loaders }) => loaders.load(devices.byId, id),
      },
      routes: { '/.well-known/jwks.json': () => keys.publicSet },
      seed: () => seedDemoAccounts(database, { registration, hasher }),
      async start() {
        await transport.tail([sessionRevoked.topic], {
          onEvent: (event) => {
            const revoked = readEvent(sessionRevoked, event);
            if (revoked !== null) revocations.publish(revoked.userId, { sessionId: revoked.sessionId });
          },
        });
      },
      stop() {
        revocations.close();
        return Promise.resolve();
      },
    };
  },
});

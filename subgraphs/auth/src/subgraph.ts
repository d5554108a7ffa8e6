import { sessionRevoked } from '@orion/platform/event-contracts';
import { readEvent, route } from '@orion/platform/events';
import { createLiveChannel } from '@orion/platform/live';
import { defineSubgraph } from '@orion/platform/subgraph';
import { Account, AccountStatus } from './account/account.entity.js';
import { createDelegatedResolvers, delegatedEntities, delegatedResolvers } from './delegated-services.js';
import { accountHandlers } from './account/account.consumer.js';
import { displayNameHandlers } from './account/display-name.consumer.js';
import { AccountResolver } from './account/account.resolver.js';
import { AccountService } from './account/account.service.js';
import { User } from './account/user.stub.js';
import { configSchema } from './config.js';
import type { AuthConfig } from './config.js';
import { seedDemoAccounts } from './demo/demo-accounts.js';
import { Device } from './device/device.entity.js';
import { DeviceService } from './device/device.service.js';
import { createFactorResolvers, createSecondFactors, factorEntities, factorResolvers } from './factor-services.js';
import { createLoginGuard } from './lockout/login-guard.js';
import { LoginResolver } from './login/login.resolver.js';
import { LoginService } from './login/login.service.js';
import { exportRoute } from './export/export.consumer.js';
import { migrations } from './migrations/index.js';
import { OneTimeToken } from './one-time-token/one-time-token.entity.js';
import { createCredentialServices, credentialEntities, credentialResolvers } from './credential-services.js';
import { permissionHandlers } from './permission/permission.consumer.js';
import { AuthToken } from './session/auth-token.entity.js';
import { Session } from './session/session.entity.js';
import { BlacklistedSession } from './session/session-blacklist.entity.js';
import { SessionResolver } from './session/session.resolver.js';
import { SessionService } from './session/session.service.js';
import type { SessionRevoked } from './session/session.types.js';
import { TokenInfoService } from './session/token-info.service.js';
import { ViewerSessionsResolver } from './session/viewer-sessions.resolver.js';
import { SecurityEvent } from './security-event/security-event.entity.js';
import { createSecurityEventFeed } from './security-event/security-event-feed.js';
import { SecurityEventResolver, UserSecurityEventsResolver } from './security-event/security-event.resolver.js';
import { SecurityEventService } from './security-event/security-event.service.js';
import { SignInService } from './sign-in/sign-in.service.js';
import { TokenPairService } from './session/token-pair.service.js';
import { UserSessionsResolver } from './session/user-sessions.resolver.js';
import { createAccessTokens } from './token/access-token.js';
import { SigningKey } from './token/signing-key.entity.js';
import { SigningKeyResolver } from './token/signing-key.resolver.js';
import { SigningKeyService } from './token/signing-key.service.js';
import { loadSigningKeys } from './token/signing-keys.js';
import { registerResealing } from './upkeep/reseal.job.js';
import { registerUpkeep } from './upkeep/upkeep.job.js';

export const subgraph = defineSubgraph<AuthConfig>({
  name: 'auth',
  configSchema,
  entities: [
    Account,
    Device,
    OneTimeToken,
    AuthToken,
    BlacklistedSession,
    SecurityEvent,
    Session,
    SigningKey,
    ...credentialEntities,
    ...delegatedEntities,
    ...factorEntities,
  ],
  migrations,
  resolvers: [
    AccountResolver,
    LoginResolver,
    ...credentialResolvers,
    ...factorResolvers,
    SessionResolver,
    UserSessionsResolver,
    ViewerSessionsResolver,
    SecurityEventResolver,
    UserSecurityEventsResolver,
    SigningKeyResolver,
    ...delegatedResolvers,
  ],
  stubs: [User],
  owners: { User: 'id' },

  async assemble({ config, database, backbone, jobs, transport, sealer, logger }) {
    const keys = await loadSigningKeys(database, { sealer, databaseUrl: config.DATABASE_URL, logger });
    const accessTokens = createAccessTokens(keys, {
      issuer: config.PUBLIC_URL,
      audience: config.JWT_AUDIENCE,
      seconds: config.ACCESS_TOKEN_SECONDS,
    });
    const accounts = new AccountService(database.manager);
    const devices = new DeviceService(database, config.TRUSTED_DEVICE_SECONDS);
    const sessions = new SessionService(database, {
      lifetimeSeconds: config.SESSION_SECONDS,
      idleSeconds: config.REFRESH_TOKEN_SECONDS,
      sessionsPerUser: config.MAX_SESSIONS_PER_USER,
    });
    const pairs = new TokenPairService(database, sessions, accessTokens, sealer, config.REFRESH_TOKEN_SECONDS);
    const credentials = await createCredentialServices({ config, database, sealer, sessions });
    const { hasher, policy, registration } = credentials;
    const secondFactors = createSecondFactors({ config, sealer });
    const signIns = new SignInService(devices, sessions, pairs, secondFactors.challenges);
    const logins = new LoginService({
      database,
      accounts,
      hasher,
      policy,
      signIns,
      guard: createLoginGuard(database, { sealer, failuresPerNetwork: config.LOGIN_FAILURES_PER_NETWORK }),
    });
    const revocations = createLiveChannel<SessionRevoked>();
    backbone.consume({
      group: 'auth',
      topics: ['orion.user'],
      ordering: 'key',
      handle: route([...permissionHandlers, ...accountHandlers(sessions), ...displayNameHandlers]),
    });
    const tokenInfos = new TokenInfoService(database.manager);
    const viewerSessions = new ViewerSessionsResolver(sessions, tokenInfos);
    const securityEvents = new SecurityEventService(database.manager);
    const securityEventFeed = createSecurityEventFeed();
    const signingKeys = new SigningKeyService(database, keys, sealer);
    signingKeys.schedule(jobs, config.SIGNING_KEY_DAYS);
    const { resets } = credentials;
    const delegated = createDelegatedResolvers({
      config,
      database,
      accessTokens,
      registration,
      resets,
      sealer,
      sessions,
      signIns,
      logger,
    });
    registerUpkeep(jobs, { database, logger });
    registerResealing(jobs, { database, sealer, logger });

    return {
      resolvers: [
        new AccountResolver(accounts),
        new LoginResolver(logins),
        ...credentials.resolvers,
        ...createFactorResolvers({
          config,
          database,
          sealer,
          secondFactors,
          devices,
          sessions,
          signIns,
          pairs,
          checks: credentials.checks,
        }),
        new SessionResolver(sessions, devices, pairs, revocations),
        new UserSessionsResolver(sessions),
        viewerSessions,
        new SecurityEventResolver(securityEvents, securityEventFeed),
        new UserSecurityEventsResolver(securityEvents),
        new SigningKeyResolver(signingKeys),
        ...delegated,
      ],
      references: {
        User: async ({ id = '' }, { loaders }) => {
          const account = await loaders.load(accounts.byId, id);
          return account === null || account.status === AccountStatus.DELETED ? null : { id };
        },
        Session: ({ id = '' }, context) => viewerSessions.visible(id, context),
        SecurityEvent: ({ id = '' }, context) => securityEvents.visible(id, context),
        Device: ({ id = '' }, context) => devices.visible(id, context),
      },
      routes: { '/.well-known/jwks.json': () => keys.publicSet() },
      seed: () => seedDemoAccounts(database, { registration, hasher }),
      async start() {
        backbone.consume({
          group: 'auth.exports',
          topics: ['orion.user'],
          types: ['user.export_requested'],
          ordering: 'none',
          handle: route([exportRoute(sealer)]),
        });
        keys.follow();
        await transport.tail([sessionRevoked.topic], {
          onEvent: (event) => {
            const revoked = readEvent(sessionRevoked, event);
            securityEventFeed.hear(event);
            if (revoked !== null) revocations.publish(revoked.userId, { sessionId: revoked.sessionId });
          },
        });
      },
      async stop() {
        revocations.close();
        securityEventFeed.close();
        await keys.stop();
      },
    };
  },
});

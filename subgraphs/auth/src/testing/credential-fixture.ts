import { randomBytes } from 'node:crypto';
import { openDatabase } from '@orion/platform/database';
import { createSealer } from '@orion/platform/sealing';
import type { Sealer } from '@orion/platform/sealing';
import { createTestDatabase, testViewer } from '@orion/platform/testing';
import type { Viewer } from '@orion/platform/identity';
import { uuidv7 } from '@orion/platform/ids';
import type { DataSource } from 'typeorm';
import { Account } from '../account/account.entity.js';
import { Device } from '../device/device.entity.js';
import { EmailChangeService } from '../email-change/email-change.service.js';
import { migrations } from '../migrations/index.js';
import { OneTimeToken } from '../one-time-token/one-time-token.entity.js';
import { PasswordResetService } from '../password-reset/password-reset.service.js';
import { credentialEntities } from '../credential-services.js';
import { createPasswordHasher } from '../password/password-hasher.js';
import type { PasswordHasher } from '../password/password-hasher.js';
import { PasswordPolicy } from '../password/password-policy.js';
import { RegistrationService } from '../registration/registration.service.js';
import { SecurityEvent } from '../security-event/security-event.entity.js';
import { Session } from '../session/session.entity.js';
import { SessionService } from '../session/session.service.js';
import { MAILED } from './mailed.js';
import type { MailedKind } from './mailed.js';

export const PASSWORD = 'correct horse battery';

/** Cheap enough to hash thousands of passwords in a test of races, where the cost is not what is tested. */
const CHEAP = { memoryCost: 8, timeCost: 1, parallelism: 1 };

/** Services around credentials over a database of their own, for races in which real hashes would take minutes. */
export interface CredentialFixture {
  readonly database: DataSource;
  readonly sealer: Sealer;
  readonly hasher: PasswordHasher;
  readonly policy: PasswordPolicy;
  readonly sessions: SessionService;
  readonly registration: RegistrationService;
  readonly resets: PasswordResetService;
  readonly emailChanges: EmailChangeService;
  /** An account with {@link PASSWORD}; its id. */
  account(email: string, options?: { readonly verified?: boolean }): Promise<string>;
  /** A session of an account, and who acts in it. */
  signIn(userId: string): Promise<Viewer>;
  /** The token that the newest event of a kind carries for a user, opened. */
  mailed(userId: string, kind: MailedKind): Promise<string>;
  stop(): Promise<void>;
}

export async function startCredentials(): Promise<CredentialFixture> {
  const own = await createTestDatabase();
  const database = await openDatabase({
    url: own.url,
    entities: [Account, Device, OneTimeToken, SecurityEvent, Session, ...credentialEntities],
    migrations,
    applicationName: 'test',
  });
  const sealer = createSealer(randomBytes(32).toString('base64'));
  const hasher = await createPasswordHasher({ argon2Cost: CHEAP, queueLimit: 1_000 });
  const policy = new PasswordPolicy(8, hasher.mostBytes);
  const sessions = new SessionService(database, { lifetimeSeconds: 3_600, idleSeconds: 3_600, sessionsPerUser: 100 });
  const registration = new RegistrationService(database, hasher, sealer, policy);
  return {
    database,
    sealer,
    hasher,
    policy,
    sessions,
    registration,
    resets: new PasswordResetService(database, { hasher, policy, sealer, sessions }),
    emailChanges: new EmailChangeService(database, sealer, sessions),
    async account(email, { verified = true } = {}) {
      const id = uuidv7();
      const passwordHash = await hasher.hash(PASSWORD);
      await database.transaction((manager) =>
        registration.create(manager, {
          id,
          address: { spelling: email, canonical: email.toLowerCase() },
          passwordHash,
          displayName: 'Alice',
          locale: 'en',
          verified,
        }),
      );
      return id;
    },
    async signIn(userId) {
      const deviceId = uuidv7();
      const session = await database.transaction(async (manager) => {
        await manager.insert(Device, {
          id: deviceId,
          userId,
          secretHash: randomBytes(32),
          name: 'test',
          firstSeenAt: new Date(),
          lastSeenAt: new Date(),
        });
        return sessions.begin(manager, { userId, deviceId, ip: null, userAgent: null, methods: ['pwd'] });
      });
      return testViewer({ userId, sessionId: session.id });
    },
    async mailed(userId, kind) {
      const [type, field, seal] = MAILED[kind];
      const rows = await database.query<{ sealed: string }[]>(
        `SELECT envelope->'data'->>$3 AS sealed FROM outbox
          WHERE envelope->>'type' = $2 AND envelope->'data'->>'userId' = $1 ORDER BY seq DESC LIMIT 1`,
        [userId, `dev.orion.${type}.v1`, field],
      );
      if (rows[0] === undefined) throw new Error(`no ${type} for ${userId}`);
      return sealer.open(rows[0].sealed, seal);
    },
    async stop() {
      await database.destroy();
      await own.drop();
    },
  };
}

import { auditOf } from '@orion/platform/audit';
import { publish } from '@orion/platform/events';
import { isUuid, uuidv7 } from '@orion/platform/ids';
import type { BatchLoad } from '@orion/platform/loading';
import { isDisplayName } from '@orion/platform/text';
import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import { In } from 'typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { remainingCredentials } from '../account/remaining-credentials.js';
import { labelOfUserAgent } from '../device/device-label.js';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import { traceOf } from '../step-up/caller.js';
import type { Caller } from '../step-up/caller.js';
import { gaveSecondFactor, lockOwnSession } from '../step-up/own-session.js';
import type { OwnSession } from '../step-up/own-session.js';
import type { SecondFactorService } from '../two-factor/second-factor.service.js';
import { consumeChallenge, issueChallenge } from './passkey-challenges.js';
import { Passkey } from './passkey.entity.js';
import type { passkeyErrors } from './passkey.errors.js';
import { challengeOf, registrationResponseSchema } from './passkey-response.js';
import type { RelyingParty } from './relying-party.js';
import { SUPPORTED_ALGORITHMS, verifyRegistration } from './verify-passkey.js';
import { webAuthn } from './webauthn-library.js';

const MOST_PASSKEYS = 20;

export type PasskeyFault = keyof typeof passkeyErrors | 'SECOND_FACTOR_REQUIRED';

/** Adds, renames and removes passkeys. Each returns what was asked for, or why nothing was done. */
export class OwnPasskeysService {
  constructor(
    private readonly database: DataSource,
    private readonly party: RelyingParty,
    private readonly factors: SecondFactorService,
  ) {}

  /** For many users at once, oldest first. */
  readonly ofUsers: BatchLoad<string, Passkey[]> = async (userIds) => {
    const all = await this.database.manager.find(Passkey, { where: { userId: In(userIds) }, order: { id: 'ASC' } });
    return userIds.map((userId) => all.filter((passkey) => passkey.userId === userId));
  };

  start(caller: Caller): Promise<PublicKeyCredentialCreationOptionsJSON | PasskeyFault> {
    const { userId, sessionId } = caller.viewer;
    return this.database.transaction(async (manager) => {
      const own = await lockOwnSession(manager, caller.viewer);
      const existing = await manager.findBy(Passkey, { userId });
      const fault = await this.faultOfAdding(manager, own, existing.length);
      if (fault !== null) return fault;
      const { generateRegistrationOptions } = await webAuthn();
      return generateRegistrationOptions({
        rpName: this.party.name,
        rpID: this.party.id,
        userID: new Uint8Array(Buffer.from(userId)),
        userName: own.account.email,
        userDisplayName: own.account.email,
        challenge: await issueChallenge(manager, { purpose: 'register', userId, sessionId }),
        attestationType: 'none',
        supportedAlgorithmIDs: SUPPORTED_ALGORITHMS,
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        excludeCredentials: existing.map(({ credentialId, transports }) => ({
          id: credentialId.toString('base64url'),
          transports,
        })),
      });
    });
  }

  async finish(
    caller: Caller,
    { response: given, name }: { readonly response: unknown; readonly name: string | null },
  ): Promise<Passkey | PasskeyFault> {
    const fitting = (name ?? labelOfUserAgent(caller.userAgent).name).normalize('NFC').trim();
    if (!isDisplayName(fitting)) return 'PASSKEY_NAME_INVALID';
    const { data: response } = registrationResponseSchema.safeParse(given);
    const challenge = response === undefined ? null : challengeOf(response.response.clientDataJSON);
    if (response === undefined || challenge === null) return 'PASSKEY_REFUSED';
    const { userId, sessionId } = caller.viewer;
    return this.database.transaction(async (manager) => {
      const own = await lockOwnSession(manager, caller.viewer);
      if (!(await consumeChallenge(manager, challenge, { purpose: 'register', userId, sessionId })))
        return 'PASSKEY_REFUSED';
      const fault = await this.faultOfAdding(manager, own, await manager.countBy(Passkey, { userId }));
      if (fault !== null) return fault;
      const credential = await verifyRegistration(this.party, { response, challenge });
      if (credential === null) return 'PASSKEY_REFUSED';
      const { transports } = response.response;
      const [added] = await manager.query<{ id: string }[]>(
        `INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, name, backed_up)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (credential_id) DO NOTHING RETURNING id`,
        [
          uuidv7(),
          userId,
          credential.credentialId,
          credential.publicKey,
          credential.counter,
          transports,
          fitting,
          credential.backedUp,
        ],
      );
      if (added === undefined) return 'PASSKEY_REFUSED';
      await this.record(manager, caller, {
        type: SecurityEventType.PASSKEY_ADDED,
        details: { passkeyId: added.id, name: fitting },
      });
      return manager.findOneByOrFail(Passkey, { id: added.id });
    });
  }

  async rename(
    caller: Caller,
    { id, name }: { readonly id: string; readonly name: string },
  ): Promise<Passkey | PasskeyFault> {
    const fitting = name.normalize('NFC').trim();
    if (!isDisplayName(fitting)) return 'PASSKEY_NAME_INVALID';
    return this.withOwn(caller, id, async (manager, passkey) => {
      await manager.update(Passkey, { id }, { name: fitting });
      await publish(manager, [
        auditOf(traceOf(caller), {
          service: 'auth',
          action: 'passkey.renamed',
          targets: [{ type: 'passkey', id }],
        }),
      ]);
      return manager.create(Passkey, { ...passkey, name: fitting });
    });
  }

  remove(caller: Caller, id: string): Promise<Passkey | PasskeyFault> {
    return this.withOwn(caller, id, async (manager, passkey) => {
      if ((await remainingCredentials(manager, caller.viewer.userId)) <= 1) return 'LAST_CREDENTIAL';
      await manager.delete(Passkey, { id });
      await this.record(manager, caller, {
        type: SecurityEventType.PASSKEY_REMOVED,
        details: { passkeyId: id, name: passkey.name },
      });
      return passkey;
    });
  }

  /** A passkey is as good as two factors: whoever proved only one must not make one. */
  private async faultOfAdding(
    manager: EntityManager,
    { account, session }: OwnSession,
    existing: number,
  ): Promise<PasskeyFault | null> {
    if ((await this.factors.isEnabled(manager, account.id)) && !gaveSecondFactor(session))
      return 'SECOND_FACTOR_REQUIRED';
    return existing >= MOST_PASSKEYS ? 'TOO_MANY_PASSKEYS' : null;
  }

  private async withOwn(
    caller: Caller,
    id: string,
    work: (manager: EntityManager, passkey: Passkey) => Promise<Passkey | PasskeyFault>,
  ): Promise<Passkey | PasskeyFault> {
    if (!isUuid(id)) return 'PASSKEY_NOT_FOUND';
    return this.database.transaction(async (manager) => {
      await lockOwnSession(manager, caller.viewer);
      const passkey = await manager.findOneBy(Passkey, { id, userId: caller.viewer.userId });
      return passkey === null ? 'PASSKEY_NOT_FOUND' : work(manager, passkey);
    });
  }

  private record(
    manager: EntityManager,
    caller: Caller,
    what: { readonly type: SecurityEventType; readonly details: Readonly<Record<string, unknown>> },
  ): Promise<void> {
    return recordSecurityEvent(manager, { ...traceOf(caller), ...what, severity: SecuritySeverity.MEDIUM });
  }
}

import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import type { DataSource, EntityManager } from 'typeorm';
import { Account } from '../account/account.entity.js';
import { LoginMethod, LoginRefusal } from '../login-attempt/login-attempt.types.js';
import { attemptOf, recordLoginAttempt } from '../login-attempt/record-login-attempt.js';
import { spend } from '../rate-limit/rate-limit.service.js';
import type { RateLimit } from '../rate-limit/rate-limit.service.js';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';
import type { SignInOutcome, SignInService } from '../sign-in/sign-in.service.js';
import type { Caller } from '../step-up/caller.js';
import { lockOwnSession } from '../step-up/own-session.js';
import { consumeChallenge, issueChallenge } from './passkey-challenges.js';
import type { PasskeyCeremony } from './passkey-challenges.js';
import { Passkey } from './passkey.entity.js';
import { assertionResponseSchema, challengeOf } from './passkey-response.js';
import type { RelyingParty } from './relying-party.js';
import { verifyAssertion } from './verify-passkey.js';
import { webAuthn } from './webauthn-library.js';

/** Each is a row for five minutes, and anybody may ask. */
const CHALLENGES: RateLimit = { purpose: 'passkey-challenge', limit: 300, windowSeconds: 15 * 60 };

/** What somebody has and is (RFC 8176): as good as two factors. */
const METHODS = ['hwk', 'user', 'mfa'];
const LOGIN = { purpose: 'login', userId: null, sessionId: null } as const;

/** What it takes to ask an authenticator. */
export type PasskeyOptions = PublicKeyCredentialRequestOptionsJSON;

/** Signs in with passkeys, and proves with them who is signed in. */
export class PasskeyService {
  constructor(
    private readonly database: DataSource,
    private readonly party: RelyingParty,
    private readonly signIns: SignInService,
  ) {}

  /** Options for whichever passkey the authenticator has for us. Null when there were too many from this address. */
  startLogin({ ip }: LoginOrigin): Promise<PasskeyOptions | null> {
    return this.database.transaction(async (manager) => {
      if (!(await spend(manager, { ...CHALLENGES, key: ip ?? 'unknown' }))) return null;
      return this.optionsFor(manager, LOGIN);
    });
  }

  /** Options for the caller's own passkeys. */
  startReauthentication({ viewer }: Caller): Promise<PasskeyOptions> {
    const { userId, sessionId } = viewer;
    return this.database.transaction(async (manager) => {
      await lockOwnSession(manager, viewer);
      return this.optionsFor(manager, { purpose: 'reauthenticate', userId, sessionId });
    });
  }

  finishLogin(
    { response, deviceToken }: { readonly response: unknown; readonly deviceToken: string | null },
    origin: LoginOrigin,
  ): Promise<SignInOutcome | null> {
    return this.database.transaction(async (manager) => {
      const userId = await this.prove(manager, { response, ceremony: LOGIN, origin });
      const attempt = { email: null, userId, method: LoginMethod.PASSKEY, ...origin };
      if (userId === null) {
        await recordLoginAttempt(manager, { ...attempt, reason: LoginRefusal.OTHER });
        return null;
      }
      const outcome = await this.signIns.proceed(manager, { userId, methods: METHODS, deviceToken, ...origin });
      await recordLoginAttempt(manager, { ...attempt, ...attemptOf(outcome) });
      return outcome;
    });
  }

  /** Whether the answer proves that it is the caller, in the caller's transaction; why not otherwise. */
  async reauthenticate(
    manager: EntityManager,
    { viewer: { userId, sessionId }, ip, userAgent }: Caller,
    response: unknown,
  ): Promise<'PASSKEY_REFUSED' | null> {
    const ceremony = { purpose: 'reauthenticate', userId, sessionId } as const;
    const proved = await this.prove(manager, { response, ceremony, origin: { ip, userAgent } });
    return proved === null ? 'PASSKEY_REFUSED' : null;
  }

  private async optionsFor(manager: EntityManager, ceremony: PasskeyCeremony): Promise<PasskeyOptions> {
    const own = ceremony.userId === null ? [] : await manager.findBy(Passkey, { userId: ceremony.userId });
    const { generateAuthenticationOptions } = await webAuthn();
    return generateAuthenticationOptions({
      rpID: this.party.id,
      userVerification: 'required',
      challenge: await issueChallenge(manager, ceremony),
      allowCredentials: own.map(({ credentialId, transports }) => ({
        id: credentialId.toString('base64url'),
        transports,
      })),
    });
  }

  /** Whose passkey answered. The challenge is used up, so the transaction must commit also when the answer is no good. */
  private async prove(
    manager: EntityManager,
    {
      response: given,
      ceremony,
      origin,
    }: { readonly response: unknown; readonly ceremony: PasskeyCeremony; readonly origin: LoginOrigin },
  ): Promise<string | null> {
    const { data: response } = assertionResponseSchema.safeParse(given);
    const challenge = response === undefined ? null : challengeOf(response.response.clientDataJSON);
    if (response === undefined || challenge === null) return null;
    if (!(await consumeChallenge(manager, challenge, ceremony))) return null;
    const credentialId = Buffer.from(response.id, 'base64url');
    const passkey = await manager.findOneBy(Passkey, { credentialId });
    if (passkey === null || !isOf(passkey, ceremony, response.response)) return null;
    const { id, userId, publicKey } = passkey;
    await manager.findOne(Account, { where: { id: userId }, lock: { mode: 'for_no_key_update' } });
    const assertion = await verifyAssertion(this.party, { response, challenge, publicKey });
    if (assertion === null) return null;
    // It must rise, unless the authenticator does not count at all. One conditional UPDATE, as two may come at once.
    const [counted] = await manager.query<[unknown[], number]>(
      `UPDATE passkeys SET counter = $2, backed_up = $3, last_used_at = now()
        WHERE id = $1 AND (counter < $2 OR (counter = 0 AND $2 = 0)) RETURNING id`,
      [id, assertion.counter, assertion.backedUp],
    );
    if (counted.length > 0) return userId;
    if (await manager.existsBy(Passkey, { id })) {
      await recordSecurityEvent(manager, {
        userId,
        type: SecurityEventType.PASSKEY_CLONE_SUSPECTED,
        severity: SecuritySeverity.HIGH,
        ...origin,
        details: { passkeyId: id, name: passkey.name },
      });
    }
    return null;
  }
}

/** At login the passkey says whose it is, and must say so; later it is known whose it has to be. */
function isOf(
  { userId }: Passkey,
  ceremony: PasskeyCeremony,
  { userHandle }: { readonly userHandle?: string },
): boolean {
  const named = userHandle === undefined ? null : Buffer.from(userHandle, 'base64url').toString('utf8');
  if (named !== null && named !== userId) return false;
  return ceremony.userId === null ? named !== null : ceremony.userId === userId;
}

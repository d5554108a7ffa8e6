import type { Sealer } from '@orion/platform/sealing';
import type { EntityManager } from 'typeorm';
import { isTrustedDevice } from '../device/is-trusted-device.js';
import { hashToken, randomToken } from '../one-time-token/one-time-token.service.js';
import type { ProvenIdentity, SecondFactors } from '../sign-in/sign-in.service.js';
import { MfaMethod } from '../sign-in/sign-in.types.js';
import type { MfaChallenge } from '../sign-in/sign-in.types.js';
import type { SecondFactorService } from '../two-factor/second-factor.service.js';

const LIFE_MINUTES = 5;
const ATTEMPTS = 5;
const PURPOSE = 'login';
const DEVICE_SEAL = 'mfa-challenge-device';

/** A challenge of which one attempt was taken. */
export interface AttemptedChallenge {
  readonly userId: string;
  /** What was proved before. */
  readonly methods: readonly string[];
  readonly deviceToken: string | null;
}

/** Sign-ins that wait for a second factor. Nothing but that can be done with one. */
export class MfaChallenges implements SecondFactors {
  constructor(
    private readonly factors: SecondFactorService,
    private readonly sealer: Sealer,
  ) {}

  async challengeFor(
    manager: EntityManager,
    { userId, methods, deviceToken }: ProvenIdentity,
  ): Promise<MfaChallenge | null> {
    if (methods.includes('mfa') || !(await this.factors.isEnabled(manager, userId))) return null;
    if (await isTrustedDevice(manager, { userId, deviceToken })) return null;
    const token = randomToken();
    const [row] = await manager.query<{ expires_at: Date }[]>(
      `INSERT INTO mfa_challenges
         (hash, user_id, purpose, methods, device_token_sealed, password_changed_at, expires_at)
       SELECT $1, user_id, $3, $4, $5, password_changed_at, now() + make_interval(mins => $6)
         FROM credentials WHERE user_id = $2 RETURNING expires_at`,
      [
        hashToken(token),
        userId,
        PURPOSE,
        methods,
        deviceToken === null ? null : this.sealer.seal(deviceToken, DEVICE_SEAL),
        LIFE_MINUTES,
      ],
    );
    if (row === undefined) throw new Error(`no account ${userId} to challenge`);
    return {
      token,
      methods: [MfaMethod.TOTP, MfaMethod.BACKUP_CODE],
      expiresAt: row.expires_at,
      attemptsLeft: ATTEMPTS,
    };
  }

  /** Whose it is, be it good or not; null when it is unknown. */
  async ownerOf(manager: EntityManager, token: string): Promise<string | null> {
    const [row] = await manager.query<{ user_id: string }[]>('SELECT user_id FROM mfa_challenges WHERE hash = $1', [
      hashToken(token),
    ]);
    return row?.user_id ?? null;
  }

  /** Takes one of the attempts before a code is looked at. Null when the challenge is over. */
  async attempt(manager: EntityManager, token: string): Promise<AttemptedChallenge | null> {
    const [[row]] = await manager.query<
      [{ user_id: string; methods: string[]; device_token_sealed: string | null }[], number]
    >(
      `UPDATE mfa_challenges AS m SET attempts = attempts + 1 FROM credentials AS c
        WHERE m.hash = $1 AND m.purpose = $2 AND m.consumed_at IS NULL AND m.expires_at > now() AND m.attempts < $3
          AND c.user_id = m.user_id AND c.password_changed_at IS NOT DISTINCT FROM m.password_changed_at
        RETURNING m.user_id, m.methods, m.device_token_sealed`,
      [hashToken(token), PURPOSE, ATTEMPTS],
    );
    if (row === undefined) return null;
    const { user_id: userId, methods, device_token_sealed: sealed } = row;
    return { userId, methods, deviceToken: sealed === null ? null : this.sealer.open(sealed, DEVICE_SEAL) };
  }

  /** Returns false when somebody else used it up. */
  async consume(manager: EntityManager, token: string): Promise<boolean> {
    const [used] = await manager.query<[unknown[], number]>(
      'UPDATE mfa_challenges SET consumed_at = now() WHERE hash = $1 AND consumed_at IS NULL RETURNING user_id',
      [hashToken(token)],
    );
    return used.length > 0;
  }
}

import { randomBytes } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { hashToken } from '../one-time-token/one-time-token.service.js';

const LIFE_MINUTES = 5;
const BYTES = 32;

/** What a challenge is for, and in which session; a login has none yet. */
export type PasskeyCeremony =
  | { readonly purpose: 'login'; readonly userId: null; readonly sessionId: null }
  | { readonly purpose: 'register' | 'reauthenticate'; readonly userId: string; readonly sessionId: string };

/** Remembers a challenge that is to be answered once. Returns its bytes. */
export async function issueChallenge(
  manager: EntityManager,
  { purpose, userId, sessionId }: PasskeyCeremony,
): Promise<Uint8Array<ArrayBuffer>> {
  const challenge = new Uint8Array(randomBytes(BYTES));
  await manager.query(
    `INSERT INTO passkey_challenges (hash, purpose, user_id, session_id, expires_at)
     VALUES ($1, $2, $3, $4, now() + make_interval(mins => $5))`,
    [hashToken(Buffer.from(challenge).toString('base64url')), purpose, userId, sessionId, LIFE_MINUTES],
  );
  return challenge;
}

/** Uses it up, whatever the answer is worth. False when it is unknown, used, too old, or for something else. */
export async function consumeChallenge(
  manager: EntityManager,
  challenge: string,
  { purpose, userId, sessionId }: PasskeyCeremony,
): Promise<boolean> {
  const [used] = await manager.query<[unknown[], number]>(
    `DELETE FROM passkey_challenges
      WHERE purpose = $1 AND hash = $2 AND expires_at > now()
        AND user_id IS NOT DISTINCT FROM $3::uuid AND session_id IS NOT DISTINCT FROM $4::uuid RETURNING purpose`,
    [purpose, hashToken(challenge), userId, sessionId],
  );
  return used.length > 0;
}

import { unauthenticated } from '@orion/platform/errors';
import type { Viewer } from '@orion/platform/identity';
import type { EntityManager } from 'typeorm';
import { Account } from '../account/account.entity.js';
import { requireLiveSession } from '../session/live-session.js';
import { Session } from '../session/session.entity.js';

/** An account and the session of its owner in it. */
export interface OwnSession {
  readonly account: Account;
  readonly session: Session;
}

/**
 * The viewer's account, locked until the commit, and session, as the database knows them: what a token says may be some
 * minutes old. All that concerns the factors of one account takes turns here. Throws UNAUTHENTICATED when the session
 * ended.
 */
export async function lockOwnSession(manager: EntityManager, viewer: Viewer): Promise<OwnSession> {
  const { userId, sessionId } = viewer;
  const account = await manager.findOne(Account, { where: { id: userId }, lock: { mode: 'for_no_key_update' } });
  await requireLiveSession(manager, viewer);
  const session = await manager.findOneBy(Session, { id: sessionId, userId });
  if (account === null || session === null) throw unauthenticated();
  return { account, session };
}

/** Whether a second factor, or something as good as two, was given in this session. */
export const gaveSecondFactor = ({ methods }: Pick<Session, 'methods'>): boolean => methods.includes('mfa');

/** The session knows from now on that its owner proved who they are in these ways too. */
export async function addMethods(
  manager: EntityManager,
  session: Session,
  methods: readonly string[],
): Promise<readonly string[]> {
  const joined = [...new Set([...session.methods, ...methods])];
  await manager.update(Session, { id: session.id }, { methods: joined });
  return joined;
}

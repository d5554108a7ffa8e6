import { networkOf } from '@orion/platform/address';
import { isUuid } from '@orion/platform/ids';
import { createConditions, loadOrderedPage } from '@orion/platform/pagination';
import type { Connection, PageRequest } from '@orion/platform/pagination';
import type { EntityManager } from 'typeorm';
import { hashToken } from '../one-time-token/one-time-token.service.js';
import { LoginAttempt } from './login-attempt.entity.js';
import type { LoginAttemptFilter } from './login-attempt.types.js';

/** Reads the attempts to sign in. */
export class LoginAttemptService {
  constructor(private readonly manager: EntityManager) {}

  /** Newest first. */
  page(filter: LoginAttemptFilter | null, request: PageRequest): Promise<Connection<LoginAttempt>> {
    const conditions = createConditions();
    const { userId, email, ip } = filter ?? {};
    // What is no id and no address is that of nobody.
    if (typeof userId === 'string' && !isUuid(userId)) conditions.require('false');
    else conditions.add(userId, (value) => `t.user_id = ${value}`);
    if (typeof email === 'string')
      conditions.add(hashToken(email.trim().toLowerCase()), (value) => `t.email_hash = ${value}`);
    if (typeof ip === 'string') conditions.add(networkOf(ip), (value) => `t.network = ${value}`);
    conditions.add(filter?.method, (value) => `t.method = ${value}`);
    conditions.add(filter?.outcome, (value) => `t.outcome = ${value}`);
    conditions.add(filter?.reason, (value) => `t.reason = ${value}`);
    conditions.add(filter?.attemptedAfter, (value) => `t.attempted_at >= ${value}`);
    conditions.add(filter?.attemptedBefore, (value) => `t.attempted_at < ${value}`);
    return loadOrderedPage(this.manager, LoginAttempt, {
      request,
      column: 'attempted_at',
      direction: 'DESC',
      where: conditions.where,
      parameters: conditions.parameters,
    });
  }
}

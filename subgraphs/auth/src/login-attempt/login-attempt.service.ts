import { isUuid } from '@orion/platform/ids';
import { loadOrderedPage } from '@orion/platform/pagination';
import type { Connection, PageRequest } from '@orion/platform/pagination';
import type { EntityManager } from 'typeorm';
import { networkOf } from '../lockout/network-of.js';
import { hashToken } from '../one-time-token/one-time-token.service.js';
import { LoginAttempt } from './login-attempt.entity.js';
import type { LoginAttemptFilter } from './login-attempt.types.js';

/** Reads the attempts to sign in. */
export class LoginAttemptService {
  constructor(private readonly manager: EntityManager) {}

  /** Newest first. */
  page(filter: LoginAttemptFilter | null, request: PageRequest): Promise<Connection<LoginAttempt>> {
    const where: string[] = ['true'];
    const parameters: unknown[] = [];
    const add = (value: unknown, condition: (parameter: string) => string): void => {
      if (value === undefined || value === null) return;
      parameters.push(value);
      where.push(condition(`$${parameters.length + 2}`));
    };
    const { userId, email, ip } = filter ?? {};
    // What is no id and no address is that of nobody.
    if (typeof userId === 'string' && !isUuid(userId)) where.push('false');
    else add(userId, (value) => `t.user_id = ${value}`);
    if (typeof email === 'string') add(hashToken(email.trim().toLowerCase()), (value) => `t.email_hash = ${value}`);
    if (typeof ip === 'string') add(networkOf(ip) ?? ip, (value) => `t.network = ${value}`);
    add(filter?.method, (value) => `t.method = ${value}`);
    add(filter?.outcome, (value) => `t.outcome = ${value}`);
    add(filter?.reason, (value) => `t.reason = ${value}`);
    add(filter?.attemptedAfter, (value) => `t.attempted_at >= ${value}`);
    add(filter?.attemptedBefore, (value) => `t.attempted_at < ${value}`);
    return loadOrderedPage(this.manager, LoginAttempt, {
      request,
      column: 'attempted_at',
      direction: 'DESC',
      where,
      parameters,
    });
  }
}

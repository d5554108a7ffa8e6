import { auditOf } from '@orion/platform/audit';
import { publish } from '@orion/platform/events';
import { isUuid } from '@orion/platform/ids';
import type { DataSource, EntityManager } from 'typeorm';
import type { UserError } from '../user-error.js';
import { lockAccessOfAll } from './access-lock.js';
import { authorise } from './authority.js';
import type { Authority, Granter } from './authority.js';

const LONGEST_TEXT = 500;

/** What somebody wants to change about what others may do. */
export interface AccessRequest {
  readonly granter: Granter;
  /** What they need for it. */
  readonly permission: string;
  /** For the audit log, `<subject>.<what>`. */
  readonly action: string;
  readonly target: { readonly type: string; readonly id: string };
  readonly reason?: string | null;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What came of it: a fault, or a value, with `isChange` false when all was like that already. */
export type AccessOutcome<Value> =
  | { readonly fault: UserError }
  | {
      readonly value: Value;
      readonly isChange: boolean;
      /** When it has an id only now. */
      readonly targetId?: string;
    };

/** What to answer: the value, or why there is none. */
export interface AccessAnswer<Value> {
  readonly value: Value | null;
  readonly userErrors: UserError[];
}

/**
 * Runs a change of what others may do in a transaction, one at a time, after asking the database whether the granter
 * may. The change and its refusal go into the audit log. Throws FORBIDDEN when they may not (any more).
 */
export function changeAccess<Value>(
  database: DataSource,
  { granter, permission, action, target, reason = null, details = {} }: AccessRequest,
  work: (manager: EntityManager, authority: Authority) => Promise<AccessOutcome<Value>>,
): Promise<AccessAnswer<Value>> {
  return database.transaction(async (manager) => {
    await lockAccessOfAll(manager);
    const outcome = await work(manager, await authorise(manager, granter, permission));
    const isFault = 'fault' in outcome;
    if (isFault || outcome.isChange) {
      const id = (isFault ? undefined : outcome.targetId) ?? target.id;
      const audit = auditOf(granter.actor, {
        service: 'user',
        action,
        outcome: isFault ? 'denied' : 'success',
        // What was refused may be an id of any shape and length.
        targets: [{ type: target.type, id: isUuid(id) ? id : 'unknown' }],
        reason: reason?.slice(0, LONGEST_TEXT) ?? null,
        details: isFault ? { ...shortened(details), code: outcome.fault.code } : details,
      });
      await publish(manager, [audit]);
    }
    return isFault ? { value: null, userErrors: [outcome.fault] } : { value: outcome.value, userErrors: [] };
  });
}

function shortened(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => {
      const text = JSON.stringify(value) ?? '';
      return [key, text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) : value];
    }),
  );
}

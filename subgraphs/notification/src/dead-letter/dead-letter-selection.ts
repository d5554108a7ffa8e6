import { isUuid } from '@orion/platform/ids';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { conditionsOf } from './dead-letter-conditions.js';
import type { DeadLetterConditions } from './dead-letter-conditions.js';
import type { DeadLetterFilter } from './dead-letter.types.js';

const MOST_IDS = 100;

/**
 * Dead letters that an operation can be asked for. One that was asked for and that its service has not answered for half
 * a minute can be asked for again: services take every request once.
 */
export const OPERABLE = `(t.state = 'DEAD' OR t.requested_at < now() - interval '30 seconds')`;

/** What a client selects: exactly one of the three. */
export interface SelectionInput {
  readonly ids?: readonly string[] | null;
  readonly filter?: DeadLetterFilter | null;
  readonly all: boolean;
}

/** A selection that makes sense. */
export interface DeadLetterSelection extends DeadLetterConditions {
  /** The ids as they were given; null when it was not ids. */
  readonly ids: readonly string[] | null;
}

/** Reads what to operate on; parameters are numbered from 1. The fault when it makes no sense. */
export function readSelection({ ids, filter, all }: SelectionInput): DeadLetterSelection | UserError {
  const kinds = [ids != null, filter != null, all].filter(Boolean);
  if (kinds.length !== 1) return userError('SELECTION_INVALID', ['input']);
  if (ids != null) {
    if (ids.length === 0 || ids.length > MOST_IDS) return userError('TOO_MANY_DEAD_LETTERS', ['input', 'ids']);
    return { ids, where: ['t.id = ANY($1::uuid[])'], parameters: [ids.filter(isUuid)] };
  }
  if (all) return { ids: null, where: [OPERABLE], parameters: [] };
  const conditions = conditionsOf(filter ?? null, { first: 1 });
  if (conditions.where.length === 0) return userError('FILTER_EMPTY', ['input', 'filter']);
  const hasState = filter?.state != null;
  return { ...conditions, ids: null, where: [...conditions.where, ...(hasState ? [] : [OPERABLE])] };
}

import type { EntityManager } from 'typeorm';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { OPERABLE } from './dead-letter-selection.js';
import type { DeadLetterSelection } from './dead-letter-selection.js';

/** Why ids that were named were not accepted. Those that a filter leaves out need no reason. */
export async function faultsOf(
  manager: EntityManager,
  { ids, parameters }: DeadLetterSelection,
  accepted: ReadonlySet<string>,
): Promise<UserError[]> {
  if (ids === null) return [];
  const rows: { readonly id: string; readonly state: string; readonly operable: boolean | null }[] =
    await manager.query(`SELECT id, state, ${OPERABLE} AS operable FROM dead_letters t WHERE id = ANY($1::uuid[])`, [
      ...parameters,
    ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id, index) => {
    const path = ['input', 'ids', String(index)];
    const row = byId.get(id.toLowerCase());
    if (row === undefined) return [userError('NOT_FOUND', path)];
    return row.operable || accepted.has(row.id) ? [] : [notDead(row.state, path)];
  });
}

/** Says in which state it is and what can be done. */
export function notDead(state: string, path: readonly string[]): UserError {
  const isPending = state === 'REDRIVING' || state === 'EDITING' || state === 'DISCARDING';
  const advice = isPending
    ? 'Its service was asked a moment ago: wait for the answer, or ask again in half a minute.'
    : '';
  return userError('NOT_DEAD', path, `It is ${state}. ${advice}`.trim());
}
